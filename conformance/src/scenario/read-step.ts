// One step of a scenario file.

import type { ObjectReader } from './object-reader.ts'
import { expectedForm, parsePropertyAddress, propertyText } from './properties.ts'
import { MODES } from './scenario.ts'
import type { ExecStep, Step, Work } from './scenario.ts'

/** A step as the file says it, with its place for later faults. */
export interface StepOfFile {
  readonly step: Step
  readonly path: string
  readonly repeat: number | undefined
}

const DEEDS = ['exec', 'cancel', 'probe', 'ctxOpen', 'ctxClose', 'clearCache', 'requestLog', 'set'] as const
/** What is run when the file does not say. */
export const OK: Work = { afterMs: 0, returns: 'ok', throws: undefined, ignoreInterrupt: false }

export function readStep(reader: ObjectReader): StepOfFile {
  const deed = reader.wordOr('do', DEEDS, 'exec')
  const at = reader.amount('at')
  const { path } = reader
  switch (deed) {
    case 'exec': {
      const repeat = reader.countOr('repeat', undefined)
      return { step: readExec(reader, at), path, repeat }
    }
    case 'cancel':
      return { step: { do: deed, at, id: reader.text('id') }, path, repeat: undefined }
    case 'probe':
      return { step: { do: deed, at, def: reader.text('cmd') }, path, repeat: undefined }
    case 'clearCache': {
      const [ctx, def, cacheKey] = [reader.text('ctx'), reader.text('cmd'), reader.text('cacheKey')]
      return { step: { do: deed, at, ctx, def, cacheKey }, path, repeat: undefined }
    }
    case 'set':
      return { step: readSet(reader, at), path, repeat: undefined }
    case 'ctxOpen':
    case 'ctxClose':
    case 'requestLog':
      return { step: { do: deed, at, ctx: reader.text('ctx') }, path, repeat: undefined }
  }
}

function readExec(reader: ObjectReader, at: number): ExecStep {
  return {
    do: 'exec',
    at,
    id: reader.text('id'),
    def: reader.text('cmd'),
    mode: reader.wordOr('mode', MODES, 'execute'),
    ctx: reader.textOr('ctx', undefined),
    cacheKey: reader.scalarTextOr('cacheKey', undefined),
    arg: reader.scalarTextOr('arg', undefined),
    run: reader.partOr('run', (part) => readWork(part, OK.returns)) ?? OK,
    fallback: reader.partOr('fallback', (part) => readWork(part, 'fb')),
  }
}

/** What a run or a fallback does; `otherwise` is what it returns when the file does not say. */
export function readWork(reader: ObjectReader, otherwise: string): Work {
  return {
    afterMs: reader.amountOr('afterMs', 0),
    returns: reader.scalarTextOr('return', otherwise),
    throws: reader.textOr('throw', undefined),
    ignoreInterrupt: reader.flagOr('ignoreInterrupt', false),
  }
}

function readSet(reader: ObjectReader, at: number): Step {
  const key = reader.text('key')
  const value = reader.scalarTextOr('value', '')
  if (!reader.has('value')) reader.fault('value', 'a value', undefined)
  const address = parsePropertyAddress(key)
  if (address === undefined) reader.fault('key', 'the full name of a known property', key)
  else if (propertyText(address.kind, address.name, value) === undefined)
    reader.fault('value', expectedForm(address.kind, address.name), value)
  return { do: 'set', at, key, value }
}
