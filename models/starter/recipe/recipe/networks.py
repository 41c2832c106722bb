"""Text encoder and U-Net in their standard architectures, so that the weights also load in transformers and diffusers."""
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel

from .tokenizer import LENGTH, Tokenizer


def text_encoder(config, tokenizer):
    width, layers, heads = config.text
    network = CLIPTextModel(CLIPTextConfig(
        vocab_size=tokenizer.size, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers, num_attention_heads=heads,
        max_position_embeddings=LENGTH, hidden_act='quick_gelu', projection_dim=width, bos_token_id=tokenizer.start,
        eos_token_id=tokenizer.end, pad_token_id=tokenizer.end))
    network.set_attn_implementation('eager')   # the fused one's backward pass is slow on a CPU (see PlainAttention)
    return network


def unet(config):
    """Cross-attention at the two lower levels and in the middle. diffusers calls the number of heads attention_head_dim here."""
    network = UNet2DConditionModel(
        sample_size=config.size // 8, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=config.unet, norm_num_groups=16,
        down_block_types=('DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'),
        up_block_types=('CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'), cross_attention_dim=config.text[0],
        attention_head_dim=tuple(c // config.head for c in config.unet), use_linear_projection=True)
    nn.init.zeros_(network.conv_out.weight)
    nn.init.zeros_(network.conv_out.bias)
    return network


class PlainAttention:
    """Attention as two batched products. On a CPU the backward pass of the fused one takes five times longer at these sizes."""

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        n, length, _ = hidden_states.shape
        q, k, v = (self._heads(part, attn.heads) for part in (attn.to_q(hidden_states) * attn.scale, attn.to_k(context), attn.to_v(context)))
        weights = torch.bmm(q, k.transpose(1, 2)).softmax(-1).to(v.dtype)
        out = torch.bmm(weights, v).view(n, attn.heads, length, -1).transpose(1, 2).reshape(n, length, -1)
        return attn.to_out[1](attn.to_out[0](out))

    @staticmethod
    def _heads(x, heads):
        n, length, width = x.shape
        return x.view(n, length, heads, width // heads).transpose(1, 2).reshape(n * heads, length, width // heads)


def _norm(module):
    def forward(x):
        normed = F.group_norm(x.contiguous(), module.num_groups, module.weight.to(x.dtype), module.bias.to(x.dtype), module.eps)
        return normed.contiguous(memory_format=torch.channels_last)   # SiLU's backward is slow where layouts differ
    return forward


def faster_on_cpu(network):
    """Convolutions in channels_last, GroupNorm not (its bf16 backward is ten times slower there), plain attention."""
    network.to(memory_format=torch.channels_last)
    network.set_attn_processor(PlainAttention())
    for module in network.modules():
        if isinstance(module, nn.GroupNorm):
            module.forward = _norm(module)
    return network


def warm_start(run, text, network, tokenizer):
    """Weights of the version before; rows of the token table move to where their tokens stand now, new rows start small."""
    network.load_state_dict({k: v.float() for k, v in load_file(os.path.join(run.warm, 'unet', 'diffusion_pytorch_model.safetensors')).items()})
    state = {k: v.float() for k, v in load_file(os.path.join(run.warm, 'text_encoder', 'model.safetensors')).items()}
    table = 'embeddings.token_embedding.weight'
    own = text.state_dict()
    prefix = '' if table in own else 'text_model.'
    old = Tokenizer(os.path.join(run.warm, 'tokenizer'))
    rows = torch.randn_like(own[prefix + table]) * state[table].std()
    kept = 0
    for token, index in old.vocab.items():
        if token in tokenizer.vocab:
            rows[tokenizer.vocab[token]] = state[table][index]
            kept += 1
    state[table] = rows
    missing = text.load_state_dict({prefix + k: v for k, v in state.items()}, strict=False)
    run.log('denoiser', warm_start=run.warm, kept_tokens=kept, new_tokens=tokenizer.size - kept, missing=missing.missing_keys, unexpected=missing.unexpected_keys)


def load(run, folder='model', device='cpu'):
    """The run's trained text encoder and U-Net, ready to draw."""
    text = CLIPTextModel.from_pretrained(run.path(folder, 'text_encoder'))
    network = UNet2DConditionModel.from_pretrained(run.path(folder, 'unet'), low_cpu_mem_usage=False)
    return text.eval().to(device), network.eval().to(device)
