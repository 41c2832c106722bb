"""What a run is made of: sizes, budgets and data of the three configurations.

`cpu128` made the model that ships; `gpu256` is the larger one for a machine with a GPU; `smoke` goes through every stage at
toy size in a few minutes. A run keeps everything it makes in one folder (`--run`), so each stage finds what earlier ones left.
"""
import dataclasses
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), 'data')


@dataclasses.dataclass(frozen=True)
class Config:
    """One configuration. Sizes are pixels or channels, budgets minutes of wall clock, counts pictures."""
    name: str
    model_id: str = 'starter'                        # of the exported manifest
    size: int = 128                                  # width and height of the training pictures
    styles: tuple = ('3d',)                          # drawing styles, each an icon package
    words: str = 'concepts.json'                     # in data/: nouns with the slugs of their icons
    nouns: int = 0                                   # how many of them; 0 = all
    nouns_before: int = 0                            # how many the weights of the warm start knew
    sprite_pixels: int = 192
    scenes: int = 10                                 # how many of words.SCENES
    counts: bool = False                             # captions with "two", "three", "four"
    looks: bool = False                              # picture styles such as "pixel art"
    merges: int = 0                                  # tokenizer merges made from nothing; 0 = go on from the warm start's
    bank: int = 24000                                # composed pictures kept for autoencoder and judge
    latents: int = 180000                            # encoded pictures for the denoiser
    shard: int = 5000                                # encoded pictures in one file
    encoder: tuple = ((64, 96), 2)                   # channels, blocks a level
    decoder: tuple = ((48, 80, 128), (2, 3, 3))
    unet: tuple = (64, 128, 192)
    head: int = 32                                   # channels a head in the U-Net's attention
    text: tuple = (128, 3, 4)                        # width, layers, heads
    batch: int = 64
    learning_rate: float = 5e-4
    autoencoder_minutes: float = 19
    decoder_minutes: float = 10                      # decoder alone, after the encoder is frozen
    denoiser_minutes: float = 172
    judge_minutes: float = 20
    classifier_steps: int = 1800
    super_resolution_pairs: int = 3000
    super_resolution_steps: int = 5500
    few_step_rounds: int = 4                         # each makes paths of the teacher, then trains a share of the steps
    few_step_paths: int = 512                        # of a round
    few_step_steps: int = 1000                       # of 32
    control_pictures: int = 10000                    # compositions with their edges
    control_steps: int = 1500                        # of 32
    compared_steps: int = 300                        # of each objective in `compare`
    objective: str = 'v'                             # 'v' or 'flow'
    evaluated: int = 512                             # pictures a figure is read from
    gpu_stage_minutes: float = 9                     # longest stage on a lent GPU


CONFIGS = {
    'cpu128': Config('cpu128', nouns_before=99),
    'gpu256': Config(
        'gpu256', size=256, words='concepts-more.json', sprite_pixels=224, styles=('3d', 'flat', 'cartoon'), scenes=15, counts=True, looks=True, merges=3582, bank=20000,
        latents=400000, encoder=((64, 96), 2), decoder=((64, 96, 160), (1, 2, 3)), unet=(128, 256, 320), head=64, text=(256, 4, 4),
        batch=512, learning_rate=8e-4, autoencoder_minutes=6, decoder_minutes=3, denoiser_minutes=20, judge_minutes=3,
        evaluated=1024),
    'compare': Config(
        'compare', nouns=12, latents=8000, unet=(32, 64, 96), text=(64, 2, 2), learning_rate=1e-3, merges=400, shard=4000),
    'smoke': Config(
        'smoke', model_id='starter-smoke', classifier_steps=16, super_resolution_pairs=24, super_resolution_steps=40, few_step_rounds=2, few_step_paths=128, few_step_steps=20, control_pictures=96, control_steps=20, nouns=6, scenes=3, bank=96, latents=192, shard=96, batch=16, autoencoder_minutes=.3, decoder_minutes=.1,
        denoiser_minutes=.6, judge_minutes=.5, evaluated=12),
}
PACKAGES = {'3d': '@iconify-json/fluent-emoji', 'flat': '@iconify-json/fluent-emoji-flat', 'cartoon': '@iconify-json/noto'}


class Run:
    """The folder of one run and its configuration."""

    def __init__(self, config, folder, warm=None):
        self.config, self.folder, self.warm = config, os.path.abspath(folder), warm
        os.makedirs(self.folder, exist_ok=True)

    def path(self, *parts):
        """A path inside the run's folder; its parent exists afterwards."""
        path = os.path.join(self.folder, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def log(self, stage, **facts):
        """Adds one JSON line to the stage's log and prints it."""
        line = json.dumps({'stage': stage, **facts})
        with open(self.path('logs', f'{stage}.jsonl'), 'a') as file:
            file.write(line + '\n')
        print(line, flush=True)


def concepts(config):
    """The words of a configuration with their icon slugs, in the order of the file."""
    with open(os.path.join(DATA, config.words)) as file:
        every = list(json.load(file).items())
    return dict(every[:config.nouns] if config.nouns else every)
