/** English words of the group for LoRAs. */
export const loraEn = {
  title: 'LoRA',
  hint: 'Small files that change the model: a style, a person, a thing. Several can be mixed.',
  empty: 'Put .safetensors files into the folder “loras” of Easel’s data folder; they are then offered here.',
  add: 'Add a LoRA',
  addHint: 'Those of the folder “loras” that fit this model. In the prompt: {tag}',
  choose: 'Choose …',
  others: '{n} file is for other models. | {n} files are for other models.',
  weight: 'Weight',
  weightHint: 'How much of it: 1 as it was trained, 0 nothing. Below 0 it takes away what it would add.',
  remove: 'Remove the LoRA {name}',
}
