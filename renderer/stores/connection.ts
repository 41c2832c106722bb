/** Whether the program behind the page answers. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ConnectionState } from '../api.ts'
import { useClient } from './client.ts'

export const useConnection = defineStore('connection', () => {
  const state = ref<ConnectionState>('connecting')
  useClient().onState(next => (state.value = next))
  return { state, isLost: computed(() => state.value === 'lost') }
})
