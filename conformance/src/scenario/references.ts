// What one part of a scenario says about another: commands that are not defined, names used twice, members that mean nothing there.

import type { Faults } from './object-reader.ts'
import type { StepOfFile } from './read-step.ts'
import type { Definition, Scenario } from './scenario.ts'

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
    for (const id of execs.keys())
      if (!ids.has(id))
        faults.push(`expect.${line}.${id}: expected the id of an exec; there are ${list(ids)}`)
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
}

function list(names: Iterable<string>): string {
  return [...names].join(', ') || 'none'
}
