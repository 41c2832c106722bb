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
    """Draws one picture and enlarges it with the app's command line in a data folder of the run; gives the paths of both."""
    home = run.path('app', '.')[:-2]
    shutil.rmtree(home, ignore_errors=True)
    small, large, name = run.path('smoke.png'), run.path('smoke-x2.png'), run.config.model_id
    for model, folder in ((name, 'exported'), (f'{name}-x2', 'exported-x2')):
        shutil.copytree(run.path(folder), os.path.join(home, 'models', model))

    def ask(*words):
        subprocess.run(['node', 'scripts/bootstrap.mjs', 'generate', PROMPT, *words], cwd=ROOT, env={**os.environ, 'EASEL_HOME': home}, check=True)
    ask('--model', name, '--seed', '7', '--out', small)
    ask('--model', f'{name}-x2', '--image', small, '--out', large)
    return small, large


def check(run, picture, enlarged):
    """Raises where a stage left nothing usable."""
    with open(run.path('metrics.json')) as file:
        metrics = json.load(file)
    with Image.open(picture) as image:
        extremes = image.convert('L').getextrema()
        problems = [] if image.size == (run.config.size, run.config.size) else [f'the picture is {image.size}']
    with Image.open(enlarged) as image:
        if image.size != (2 * run.config.size, 2 * run.config.size):
            problems.append(f'the enlarged picture is {image.size}')
    if extremes[1] - extremes[0] < 10:
        problems.append('the picture is one flat colour')
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
    for name in ('sprites', 'pictures', 'tokenizer', 'autoencoder', 'latents', 'denoiser', 'decoder', 'judge', 'evaluate', 'export', 'goldens', 'super_resolution', 'classifier', 'gpu'):
        start = time.time()
        stages[name](run, options)
        seconds[name] = round(time.time() - start, 1)
    start = time.time()
    picture, enlarged = generate(run)
    seconds['generate'] = round(time.time() - start, 1)
    check(run, picture, enlarged)
    run.log('smoke', seconds=seconds, total=round(sum(seconds.values())), picture=picture)
