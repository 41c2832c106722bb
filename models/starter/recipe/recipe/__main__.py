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


def autoencoder(run, options):
    from . import train_autoencoder as stage
    stage.train(run)


def decoder(run, options):
    from . import train_autoencoder as stage
    stage.train(run, decoder_only=True)


def tokenizer(run, options):
    from . import tokenizer as stage
    stage.make(run, os.path.join(run.warm, 'tokenizer') if run.warm else None)


def latents(run, options):
    from . import latents as stage
    stage.make(run, worker=options.worker, workers=options.workers)


def denoiser(run, options):
    from . import train_denoiser as stage
    stage.train(run)


def judge(run, options):
    from . import judge as stage
    stage.train(run)


STAGES = {stage.__name__: stage for stage in (sprites, pictures, tokenizer, autoencoder, latents, denoiser, decoder, judge)}


def main():
    parser = argparse.ArgumentParser(prog='recipe', description=__doc__)
    parser.add_argument('stage', choices=STAGES)
    parser.add_argument('--config', choices=CONFIGS, default='cpu128')
    parser.add_argument('--run', help='folder of the run (default: run/CONFIG beside the recipe)')
    parser.add_argument('--icons', default=os.path.dirname(HERE), help='folder whose node_modules holds the icon packages')
    parser.add_argument('--warm', help='folder with weights of an earlier version to go on from')
    parser.add_argument('--worker', type=int, default=0, help='latents: which of --workers processes this is')
    parser.add_argument('--workers', type=int, default=1)
    options = parser.parse_args()
    folder = options.run or os.path.join(os.path.dirname(HERE), 'run', options.config)
    STAGES[options.stage](Run(CONFIGS[options.config], folder, options.warm), options)


if __name__ == '__main__':
    main()
