"""Every stage at toy size, then a picture in the app: says whether the recipe works from a fresh checkout on a CPU."""
import json
import os
import shutil
import subprocess
import time

from PIL import Image

from .config import HERE

ROOT = os.path.abspath(os.path.join(HERE, '..', '..', '..', '..'))
PROMPT = 'a dog on the grass'


def generate(run):
    """Draws a picture, enlarges it, draws along its edges and in four steps, with the app's command line in a data folder of the run."""
    home = run.path('app', '.')[:-2]
    shutil.rmtree(home, ignore_errors=True)
    small, large, along, few = (run.path(f'smoke{kind}.png') for kind in ('', '-x2', '-control', '-few'))
    name = run.config.model_id
    for kind in ('', '-x2', '-few', '-control'):
        shutil.copytree(run.path(f'exported{kind}'), os.path.join(home, 'models', name + kind))

    def ask(*words):
        subprocess.run(['node', 'scripts/bootstrap.mjs', 'generate', PROMPT, *words], cwd=ROOT, env={**os.environ, 'EASEL_HOME': home}, check=True)
    ask('--model', name, '--seed', '7', '--out', small)
    ask('--model', f'{name}-x2', '--image', small, '--out', large)
    ask('--model', f'{name}-control', '--seed', '8', '--control', f'net=controlnet,image={small},preprocessor=canny', '--out', along)
    ask('--model', f'{name}-few', '--seed', '7', '--out', few)
    return small, large, along, few


def check(run, picture, enlarged, *others):
    """Raises where a stage left nothing usable."""
    with open(run.path('metrics.json')) as file:
        metrics = json.load(file)
    problems = []
    for path in (picture, *others):
        with Image.open(path) as image:
            extremes = image.convert('L').getextrema()
            if image.size != (run.config.size, run.config.size):
                problems.append(f'{path} is {image.size}')
            if extremes[1] - extremes[0] < 10:
                problems.append(f'{path} is one flat colour')
    with Image.open(enlarged) as image:
        if image.size != (2 * run.config.size, 2 * run.config.size):
            problems.append(f'the enlarged picture is {image.size}')
    if not 5 < metrics['autoencoder']['psnr'] < 60:
        problems.append(f"the autoencoder has {metrics['autoencoder']['psnr']} dB")
    if len(metrics['by_guidance']) < 2 or len(metrics['by_sampler']) < 2:
        problems.append('the evaluation is not complete')
    if problems:
        raise SystemExit('; '.join(problems))


def smoke(run, options, stages):
    """Runs the stages in their order in a fresh folder and logs the seconds of each."""
    shutil.rmtree(run.folder)
    os.makedirs(run.folder)
    seconds = {}
    for name in ('sprites', 'pictures', 'tokenizer', 'autoencoder', 'latents', 'denoiser', 'decoder', 'judge', 'evaluate', 'export', 'goldens', 'super_resolution', 'few_step', 'control', 'classifier', 'gpu'):
        start = time.time()
        stages[name](run, options)
        seconds[name] = round(time.time() - start, 1)
    start = time.time()
    drawn = generate(run)
    seconds['generate'] = round(time.time() - start, 1)
    check(run, *drawn)
    run.log('smoke', seconds=seconds, total=round(sum(seconds.values())), picture=drawn[0])
