/** The prompts that were drawn on this machine, newest first, each once. A convenience of the page, not a record. */
import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'

const KEPT = 5000

export const usePromptHistory = defineStore('prompt-history', () => {
  const prompts = useLocalStorage<string[]>('easel.prompt-history', [], { shallow: true })

  function add(prompt: string): void {
    const text = prompt.trim()
    if (text === '' || prompts.value[0] === text) return
    prompts.value = [text, ...prompts.value.filter(known => known !== text)].slice(0, KEPT)
  }

  /** Prompts that contain every word of the query, in any order. */
  function find(query: string, most: number): string[] {
    const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean)
    const found: string[] = []
    for (const prompt of prompts.value) {
      const lower = prompt.toLocaleLowerCase()
      if (words.every(word => lower.includes(word))) found.push(prompt)
      if (found.length === most) break
    }
    return found
  }

  return { prompts, add, find }
})
