/** What is sent of the two prompts: what is written, within the words of the styles that are on. */
import { computed, ref, type Ref } from 'vue'
import { applyStyles } from '#contract/styles'
import { useStyles } from './styles.ts'

/** `kept` are the names of the styles that were on; those that are not there any more do nothing. */
export function useStyledTexts(written: Ref<{ prompt: string; negativePrompt: string }>, kept: readonly string[]) {
  const styles = useStyles()
  const styleNames = ref([...kept])
  const activeStyles = computed(() => styles.named(styleNames.value))
  const texts = computed(() => applyStyles(written.value, activeStyles.value))

  function toggleStyle(name: string): void {
    const isOn = styleNames.value.includes(name)
    styleNames.value = isOn ? styleNames.value.filter(other => other !== name) : [...styleNames.value, name]
  }

  /** A style that is on stays on under its new name. */
  function renameStyle(from: string | undefined, to: string): void {
    styleNames.value = styleNames.value.map(name => (name === from ? to : name))
  }

  return { styleNames, activeStyles, texts, toggleStyle, renameStyle }
}
