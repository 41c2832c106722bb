/** Starts the page: memory of this window, stores, language, the app, and then the events. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { createClient } from './api.ts'
import App from './App.vue'
import { createMessages } from './i18n.ts'
import { CANVAS_STORAGE, openCanvasStorage } from './stores/canvas-storage.ts'
import { CLIENT } from './stores/client.ts'
import { openWindowMemory, WINDOW_MEMORY } from './stores/window-memory.ts'
import { startSync } from './sync.ts'
import './ui/tokens.css'
import './ui/base.css'
import './ui/floating.css'

const client = createClient(window)
const memory = await openWindowMemory({
  local: localStorage,
  session: sessionStorage,
  locks: navigator.locks as LockManager | undefined,
  now: Date.now,
  newId: () => crypto.getRandomValues(new Uint32Array(2)).join('-'),
})

const messages = createMessages(localStorage, navigator.languages)
const app = createApp(App)
  .provide(CLIENT, client)
  .provide(WINDOW_MEMORY, memory)
  .provide(CANVAS_STORAGE, openCanvasStorage(indexedDB, memory.id, memory.knownIds))
  .use(createPinia())
  .use(messages)
app.runWithContext(() => startSync(client, messages.global))
app.mount('#app')
