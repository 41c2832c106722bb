"""Runs one stage: python -m recipe STAGE --config NAME [--run FOLDER] [--icons FOLDER] [--warm FOLDER]"""
import argparse
import os

from .config import CONFIGS, HERE, Run


def sprites(run, options):
    from . import sprites as stage
    stage.make(run, options.icons)


def pictures(run, options):
    from . import pictures as stage
    stage.make(run)


def tokenizer(run, options):
    from . import tokenizer as stage
    stage.make(run, os.path.join(run.warm, 'tokenizer') if run.warm else None)


def autoencoder(run, options):
    from . import train_autoencoder as stage
    stage.train(run, device=options.device)


def decoder(run, options):
    from . import train_autoencoder as stage
    stage.train(run, decoder_only=True, device=options.device)


def latents(run, options):
    from . import latents as stage
    stage.make(run, worker=options.worker, workers=options.workers)


def denoiser(run, options):
    from . import train_denoiser as stage
    stage.train(run, device=options.device)


def judge(run, options):
    from . import judge as stage
    stage.train(run)


def evaluate(run, options):
    """The figures of the exported folder where there is one (`export` first), else of the torch weights."""
    from . import evaluate as stage
    exported = options.exported if options.exported and os.path.isdir(options.exported) else None
    stage.evaluate(run, exported, guidance=options.guidance, steps=options.steps, sampler=options.sampler, count=options.count, part=options.part)


def quick(run, options):
    from . import evaluate as stage
    stage.quick(run, count=options.count or 256, guidance=options.guidance, steps=options.steps, sampler=options.sampler)


def version0(run, options):
    """The exported folder of an earlier version under the same judge, on its own nouns."""
    from . import evaluate as stage
    stage.earlier(run, options.exported, options.count or 512)


def export(run, options):
    from . import export as stage
    stage.export(run, run.path('exported'), dict(steps=options.steps, guidance=options.guidance, scheduler=options.sampler))


def goldens(run, options):
    from . import goldens as stage
    stage.make(run, run.path('exported'), run.path('goldens'))


def sheet(run, options):
    """The 48 fixed prompts, and real compositions beside them to compare sharpness by eye."""
    from . import evaluate as stage
    from .painters import OnnxPainter
    exported, settings = options.exported or run.path('exported'), dict(steps=options.steps, guidance=options.guidance, sampler=options.sampler)
    stage.fixed_sheet(exported, run.path('samples.png'), **settings)
    stage.beside_real(run, OnnxPainter(exported), run.path('beside-real.png'), **settings)


def card(run, options):
    from . import card as stage
    stage.make(run, options.exported or run.path('exported'))


def classifier(run, options):
    from . import classifier as stage
    stage.train(run)
    stage.export(run, run.path('classifier'))


def super_resolution(run, options):
    from . import super_resolution as stage
    stage.train(run)
    stage.write(run, run.path('exported-x2'))


def few_step(run, options):
    from . import evaluate, goldens
    from . import few_step as stage
    stage.train(run, options.guidance)
    stage.write(run, run.path('exported-few'))
    goldens.few(run, run.path('exported-few'), run.path('few_step', 'four-steps.json'))
    stage.measure(run, options.count)
    evaluate.fixed_sheet(run.path('exported-few'), run.path('few_step', 'samples.png'), **stage.SETTINGS)


def control(run, options):
    """The exported folder (`export` first) with a ControlNet, as a model of its own."""
    from . import control as stage
    stage.train(run)
    stage.write(run, run.path('exported'), run.path('exported-control'))
    stage.measure(run, options.guidance, options.count or min(128, run.config.evaluated))
    stage.sheet(run, run.path('control', 'samples.png'), options.guidance)


def compare(run, options):
    from . import compare as stage
    stage.compare(run, Run(CONFIGS['cpu128'], options.judged_by))


def inpainting(run, options):
    from . import inpainting as stage
    stage.measure(run)


def gpu(run, options):
    """The stages of a lent GPU, one after the other, each from packed files; see gpu.py for running them one by one."""
    from . import gpu as stage
    stage.all_stages(run, options.device)


def smoke(run, options):
    from . import smoke as stage
    stage.smoke(run, options, STAGES)


STAGES = {stage.__name__: stage for stage in (
    sprites, pictures, tokenizer, autoencoder, latents, denoiser, decoder, judge, evaluate, export, goldens, sheet, card, quick, version0,
    classifier, super_resolution, few_step, control, compare, inpainting, gpu, smoke)}


def main():
    parser = argparse.ArgumentParser(prog='recipe', description=__doc__)
    parser.add_argument('stage', choices=STAGES)
    parser.add_argument('--config', choices=CONFIGS)
    parser.add_argument('--run', help='folder of the run (default: run/CONFIG beside the recipe)')
    parser.add_argument('--icons', default=os.path.dirname(HERE), help='folder whose node_modules holds the icon packages')
    parser.add_argument('--warm', help='folder with weights of an earlier version to go on from')
    parser.add_argument('--device', default='cpu', choices=['cpu', 'cuda'])
    parser.add_argument('--worker', type=int, default=0, help='latents: which of --workers processes this is')
    parser.add_argument('--workers', type=int, default=1)
    parser.add_argument('--exported', help='ONNX folder to measure or draw with')
    parser.add_argument('--guidance', type=float, default=4.)
    parser.add_argument('--steps', type=int, default=20)
    parser.add_argument('--sampler', default='ddim')
    parser.add_argument('--count', type=int, help='pictures a figure is read from')
    parser.add_argument('--part', choices=['main', 'sweeps'], help='evaluate: one half, to run both side by side')
    parser.add_argument('--judged-by', help='compare: run whose judge reads the pictures')
    options = parser.parse_args()
    name = options.config or ('smoke' if options.stage == 'smoke' else 'cpu128')
    folder = options.run or os.path.join(os.path.dirname(HERE), 'run', name)
    STAGES[options.stage](Run(CONFIGS[name], folder, options.warm), options)


if __name__ == '__main__':
    main()
