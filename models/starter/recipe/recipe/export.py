"""Exports a run: the ONNX folder that Easel opens, and the same (rounded) weights as safetensors for diffusers and transformers."""
import json
import os
import random
import shutil

import numpy as np
import torch
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextModel

from . import networks, storage, train_autoencoder, words
from .config import concepts
from .render import Composer
from .training import to_input

PICTURE = {0: 'batch_size', 2: 'height', 3: 'width'}
TOKENS = {0: 'batch_size', 1: 'sequence_length'}
DDIM = dict(
    _class_name='DDIMScheduler', _diffusers_version='0.36.0', num_train_timesteps=1000, beta_start=1e-4, beta_end=.02, beta_schedule='linear',
    prediction_type='v_prediction', timestep_spacing='trailing', clip_sample=False, set_alpha_to_one=True, steps_offset=0, rescale_betas_zero_snr=False,
    thresholding=False)
EXAMPLES = [
    'a red apple on a blue background', 'a fox in the snow', 'a 3d icon of a robot in space', 'a castle on the grass', 'a boat at sunset',
    'a penguin and a cake in a room', 'a yellow balloon in the sky', 'a giraffe in the desert', 'a purple dinosaur at the beach',
    'a ufo at night', 'a blue teapot and a cupcake on a pink background']


class Text(torch.nn.Module):
    """Only the two outputs that pipelines use."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids):
        out = self.model(input_ids=input_ids)
        return out.last_hidden_state, out.pooler_output


class Denoiser(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.model(sample, timestep, encoder_hidden_states, return_dict=False)[0]


def write_json(folder, name, value):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        json.dump(value, file, indent=2)
        file.write('\n')


def graph(folder, part, module, inputs, names, outputs, axes, mode):
    """Writes one ONNX file and gives its size in bytes."""
    path = os.path.join(folder, part, 'model.onnx')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with torch.no_grad():
        torch.onnx.export(module.eval(), inputs, path, opset_version=17, input_names=names, output_names=outputs, dynamic_axes=axes, dynamo=False)
    storage.shrink(path, mode)
    return os.path.getsize(path)


def rounded(run, model='model', weights='weights'):
    """The networks of the run's folder `model` with the rounding of the stored files; also kept as safetensors under `weights`."""
    text = CLIPTextModel.from_pretrained(run.path(model, 'text_encoder'), attn_implementation='eager')
    _, unet = networks.load(run, model)
    unet.set_attn_processor(AttnProcessor())
    encoder, decoder, scale = train_autoencoder.load(run)
    storage.round_weights(unet, 'int8')
    for module in (text, encoder, decoder):
        storage.round_weights(module, 'fp16')
    unet.save_pretrained(run.path(weights, 'unet'))
    text.save_pretrained(run.path(weights, 'text_encoder'))
    shutil.copytree(run.path('model', 'tokenizer'), run.path(weights, 'tokenizer'), dirs_exist_ok=True)
    train_autoencoder.store(run, encoder, decoder, scale, folder=weights)
    return text, unet, encoder, decoder, scale


def preview_matrix(run, encoder, scale, count=192):
    """The linear map from scaled latents to RGB (0..1) that fits real compositions best, for previews while a picture is made."""
    made, _ = Composer(run, split='any').batch(random.Random(11), count)
    with torch.no_grad():
        latents = encoder(to_input(made)) * scale
    colours = torch.nn.functional.avg_pool2d(to_input(made), 8) / 2 + .5
    a = latents.permute(0, 2, 3, 1).reshape(-1, 4).numpy()
    a = np.concatenate([a, np.ones((len(a), 1), np.float32)], 1)
    fit, *_ = np.linalg.lstsq(a, colours.permute(0, 2, 3, 1).reshape(-1, 3).numpy(), rcond=None)
    return dict(matrix=[[round(float(v), 4) for v in row] for row in fit[:4]], bias=[round(float(v), 4) for v in fit[4]])


def known_words(config):
    return dict(
        nouns=list(concepts(config)), synonyms=[w for noun in concepts(config) for w in words.SYNONYMS.get(noun, [])], colours=list(words.COLOURS),
        tints=list(words.HUES), scenes=words.SCENES[:config.scenes], sizes=words.SIZES, positions=list(words.POSITIONS), relations=words.RELATIONS,
        prefixes=words.PREFIXES)


def manifest(run, recommended, preview):
    config = run.config
    count, size = len(concepts(config)), config.size
    known = list(concepts(config))
    return dict(
        id=config.model_id, name='Easel Starter' if config.model_id == 'starter' else f'Easel Starter ({config.name})',
        description=f'Draws {count} things (animals, food, vehicles, weather and more) on plain colours and in {config.scenes} scenes, {size} x {size} pixels. '
                    'It is small: a picture takes a second on two CPU cores.',
        licence='MIT', attribution=['Drawn after Microsoft Fluent Emoji (MIT)'] + (['Drawn after Noto Emoji (Apache-2.0)'] if 'cartoon' in config.styles else []),
        knownWords='known_words.json', examples=[e for e in EXAMPLES if len(known) > 100 or any(f' {noun} ' in e for noun in known)],
        recommended=dict(width=size, height=size, **recommended), latentPreview=preview)


def export(run, folder, recommended=None, model='model', weights='weights', scheduler=DDIM, about=None):
    """Writes the ONNX folder of the weights in `model`; `about` goes over the manifest. Gives the sizes of its parts in bytes."""
    torch.set_num_threads(1)
    config = run.config
    text, unet, encoder, decoder, scale = rounded(run, model, weights)
    side, width = config.size // 8, config.text[0]
    sizes = dict(
        text_encoder=graph(folder, 'text_encoder', Text(text), (torch.zeros(1, 77, dtype=torch.long),), ['input_ids'],
                           ['last_hidden_state', 'pooler_output'], {'input_ids': TOKENS}, 'fp16'),
        unet=graph(folder, 'unet', Denoiser(unet), (torch.randn(2, 4, side, side), torch.tensor(500), torch.randn(2, 77, width)),
                   ['sample', 'timestep', 'encoder_hidden_states'], ['out_sample'],
                   {'sample': PICTURE, 'encoder_hidden_states': TOKENS, 'out_sample': PICTURE}, 'int8'),
        vae_decoder=graph(folder, 'vae_decoder', decoder, (torch.randn(1, 4, side, side),), ['latent_sample'], ['sample'],
                          {'latent_sample': PICTURE, 'sample': PICTURE}, 'fp16'),
        vae_encoder=graph(folder, 'vae_encoder', encoder, (torch.randn(1, 3, config.size, config.size),), ['sample'], ['latent_sample'],
                          {'sample': PICTURE, 'latent_sample': PICTURE}, 'fp16'))
    onnx_part = ['diffusers', 'OnnxRuntimeModel']
    write_json(folder, 'model_index.json', dict(
        _class_name='OnnxStableDiffusionPipeline', _diffusers_version='0.36.0', text_encoder=onnx_part, tokenizer=['transformers', 'CLIPTokenizer'],
        unet=onnx_part, vae_decoder=onnx_part, vae_encoder=onnx_part, scheduler=['diffusers', scheduler['_class_name']], safety_checker=[None, None],
        feature_extractor=[None, None]))
    write_json(folder, 'scheduler/scheduler_config.json', scheduler)
    for part in ('unet', 'text_encoder'):
        with open(run.path(weights, part, 'config.json')) as file:
            write_json(folder, f'{part}/config.json', {key: value for key, value in json.load(file).items() if key != '_name_or_path'})
    for part in ('vae_decoder', 'vae_encoder'):
        write_json(folder, f'{part}/config.json', dict(
            _class_name='AutoencoderKL', in_channels=3, out_channels=3, latent_channels=4, sample_size=config.size,
            block_out_channels=[*config.decoder[0], config.decoder[0][-1]], scaling_factor=round(scale, 4)))
    shutil.copytree(run.path('model', 'tokenizer'), os.path.join(folder, 'tokenizer'), dirs_exist_ok=True)
    write_json(folder, 'known_words.json', known_words(config))
    shown = manifest(run, recommended or dict(steps=20, guidance=4, scheduler='ddim'), preview_matrix(run, encoder, scale))
    write_json(folder, 'manifest.json', shown | (about or {}))
    run.log('export', folder=folder, bytes=sizes, total=sum(sizes.values()))
    return sizes
