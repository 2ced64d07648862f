// From the text of a recorded trace to a `Trace`. Only the frame is checked: every member inside it is compared, known or not.

import type { Trace } from './trace.ts'

/** Throws an `Error` that names the file and what is not there. */
export function readTrace(text: string, file: string): Trace {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${file}: not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  if (isTrace(value)) return value
  throw new Error(`${file}: not a trace: expected the members scenario, execs, probes and notifier`)
}

function isTrace(value: unknown): value is Trace {
  return (
    typeof value === 'object' &&
    value !== null &&
    'scenario' in value &&
    typeof value.scenario === 'string' &&
    'execs' in value &&
    isRecordOfObjects(value.execs) &&
    'probes' in value &&
    isListOfObjects(value.probes) &&
    'notifier' in value &&
    isListOfTexts(value.notifier) &&
    (!('batches' in value) || (Array.isArray(value.batches) && value.batches.every(isListOfTexts)))
  )
}

function isRecordOfObjects(value: unknown): boolean {
  return typeof value === 'object' && value !== null && isListOfObjects(Object.values(value))
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
