// What one part of a scenario says about another: commands that are not defined, names used twice, members that mean nothing there.

import type { Faults } from './object-reader.ts'
import { OK } from './read-step.ts'
import type { StepOfFile } from './read-step.ts'
import type { Definition, Scenario } from './scenario.ts'
import { EXEC_MEMBERS } from '../trace/trace.ts'

interface Written {
  readonly defs: ReadonlyMap<string, Definition>
  readonly steps: readonly StepOfFile[]
  readonly expect: Scenario['expect']
}

export function checkReferences(written: Written, faults: Faults): void {
  const ids = idsOf(written.steps, faults)
  const contexts = new Set(written.steps.flatMap(({ step }) => (step.do === 'ctxOpen' ? [step.ctx] : [])))
  for (const { step, path } of written.steps) {
    if ('ctx' in step && step.do !== 'ctxOpen' && step.ctx !== undefined && !contexts.has(step.ctx))
      faults.push(
        `${path}.ctx: expected a context that a ctxOpen opens, received "${step.ctx}"; there are ${list(contexts)}`,
      )
    if ('def' in step) checkDefinition(written.defs, step, path, faults)
    if (step.do === 'cancel' && !ids.has(step.id))
      faults.push(`${path}.id: expected the id of an exec, received "${step.id}"; there are ${list(ids)}`)
  }
  for (const [line, execs] of written.expect)
    for (const [id, members] of execs) checkExpectation(`expect.${line}.${id}`, members, { ids, faults, id })
}

function checkExpectation(
  path: string,
  members: Readonly<Record<string, unknown>>,
  { ids, faults, id }: { readonly ids: ReadonlySet<string>; readonly faults: Faults; readonly id: string },
): void {
  if (!ids.has(id)) faults.push(`${path}: expected the id of an exec; there are ${list(ids)}`)
  for (const name of Object.keys(members))
    if (!EXEC_MEMBERS.includes(name))
      faults.push(`${path}.${name}: unknown word "${name}"; known are ${list(EXEC_MEMBERS)}`)
}

function idsOf(steps: readonly StepOfFile[], faults: Faults): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const { step, path, repeat } of steps) {
    if (step.do !== 'exec') continue
    const names =
      repeat === undefined ? [step.id] : Array.from({ length: repeat }, (_, at) => `${step.id}#${at}`)
    for (const name of names) {
      if (ids.has(name)) faults.push(`${path}.id: expected a name that no other exec has, received "${name}"`)
      ids.add(name)
    }
  }
  return ids
}

function checkDefinition(
  defs: ReadonlyMap<string, Definition>,
  step: StepOfFile['step'] & { readonly def: string },
  path: string,
  faults: Faults,
): void {
  const definition = defs.get(step.def)
  if (definition === undefined) {
    faults.push(`${path}.cmd: expected a definition, received "${step.def}"; there are ${list(defs.keys())}`)
  } else if (step.do === 'exec' && definition.kind === 'collapser' && step.arg === undefined) {
    faults.push(`${path}.arg: expected what to ask the collapser "${step.def}" for, found nothing`)
  } else if (step.do === 'exec' && definition.kind === 'command' && step.arg !== undefined) {
    faults.push(`${path}.arg: expected nothing, because "${step.def}" is a command, received "${step.arg}"`)
  }
  if (step.do !== 'exec' || definition?.kind !== 'collapser') return
  // What a batch does is said by its definition.
  const surplus = {
    run: step.run !== OK,
    fallback: step.fallback !== undefined,
    cacheKey: step.cacheKey !== undefined,
  }
  for (const [name, isThere] of Object.entries(surplus))
    if (isThere) faults.push(`${path}.${name}: expected nothing, because "${step.def}" is a collapser`)
}

function list(names: Iterable<string>): string {
  return [...names].join(', ') || 'none'
}
