// Loaded into every process before its own code (`--import`): tells the supervisor what must not happen unseen, and what
// happened when. It changes nothing about how the process behaves, except that it ends with its supervisor.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { defaultRuntime } from '@breakwater/kernel'
import type { Message } from './messages.ts'

const RESOLUTION_MS = 10
const REPORT_EVERY_MS = 1_000

const tell = (message: Message): void => {
  if (process.connected) process.send?.(message)
}

// A listener of `unhandledRejection` would keep Node from its default, which is to crash; so it comes in here.
process.on('uncaughtExceptionMonitor', (error, origin) => {
  tell({ kind: 'incident', what: `${origin}: ${String(error)}` })
})
process.on('warning', ({ name, message }) => {
  tell({ kind: 'incident', what: `warning: ${name}: ${message}` })
})

defaultRuntime().on('transition', ({ name, from, to, reason }) => {
  tell({ kind: 'transition', command: name, from, to, reason, atMs: Date.now() })
})

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()
setInterval(() => {
  if (!process.connected) process.exit()
  tell({ kind: 'stall', maxMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS) })
  delay.reset()
}, REPORT_EVERY_MS).unref()
