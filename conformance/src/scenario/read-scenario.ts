// From the text of a scenario file to a `Scenario`, or an error that names the file, the step and the word.

import { ObjectReader } from './object-reader.ts'
import type { Faults } from './object-reader.ts'
import { expectedForm, propertyNames, propertyText } from './properties.ts'
import type { PropertyKind } from './properties.ts'
import { readStep, readWork } from './read-step.ts'
import type { StepOfFile } from './read-step.ts'
import { checkReferences } from './references.ts'
import { BATCH_MAPPINGS, LINES } from './scenario.ts'
import type {
  CollapserDefinition,
  CommandDefinition,
  Definition,
  PropertyValues,
  Scenario,
  Step,
} from './scenario.ts'

/** A file that does not say what the format allows. The message has one line per fault. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}

/** Throws `ScenarioError` with every fault of the file, each with its place and the word in question. */
export function readScenario(text: string, file: string): Scenario {
  const faults: Faults = []
  const reader = new ObjectReader(parseJson(text, file), '', faults)
  const id = reader.text('id')
  reader.wordsOr('lines', LINES)
  const defs = reader.partsOf('defs', readDefinition)
  const written = reader.listOf('steps', readStep)
  const tailMs = reader.amountOr('tailMs', 0)
  const expect = readExpectations(reader)
  reader.finish()
  checkReferences({ defs, steps: written, expect }, faults)
  if (faults.length > 0) throw new ScenarioError(faults.map((fault) => `${file}: ${fault}`).join('\n'))
  const steps = written.flatMap(repeated).sort((a, b) => a.at - b.at)
  return { id, defs, steps, tailMs, expect }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ScenarioError(`${file}: not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function readDefinition(reader: ObjectReader, name: string): Definition {
  return reader.wordOr('kind', ['command', 'collapser'], 'command') === 'command'
    ? readCommand(reader, name)
    : readCollapser(reader, name)
}

function readCommand(reader: ObjectReader, name: string): CommandDefinition {
  const group = reader.textOr('group', 'G')
  return {
    kind: 'command',
    name,
    key: reader.textOr('key', name),
    group,
    pool: reader.textOr('pool', group),
    props: readProperties(reader, 'props', 'command'),
    threadPool: readProperties(reader, 'threadPool', 'threadpool'),
  }
}

function readCollapser(reader: ObjectReader, name: string): CollapserDefinition {
  const batch = `${name}Batch`
  const readBatch = (part: ObjectReader): CollapserDefinition['batch'] => {
    part.wordOr('kind', ['command'], 'command')
    return {
      ...readCommand(part, batch),
      run: part.partOr('run', readRun) ?? RUN,
      fallback: part.partOr('fallback', readFallback),
    }
  }
  return {
    kind: 'collapser',
    name,
    key: reader.textOr('key', name),
    scope: reader.wordOr('scope', ['REQUEST', 'GLOBAL'], 'REQUEST'),
    props: readProperties(reader, 'props', 'collapser'),
    batch: reader.partOr('batch', readBatch) ?? readBatch(new ObjectReader({}, `${reader.path}.batch`, [])),
    map: reader.wordOr('map', BATCH_MAPPINGS, 'all'),
  }
}

const readRun = (part: ObjectReader): CollapserDefinition['batch']['run'] => readWork(part, 'ok')
const readFallback = (part: ObjectReader): CollapserDefinition['batch']['run'] => readWork(part, 'fb')
const RUN = readRun(new ObjectReader({}, '', []))

function readProperties(reader: ObjectReader, member: string, kind: PropertyKind): PropertyValues {
  const values = new Map<string, string>()
  for (const [name, value] of reader.entriesOf(member)) {
    const text = propertyText(kind, name, value)
    if (text !== undefined) values.set(name, text)
    else if (propertyNames(kind).includes(name))
      reader.fault(`${member}.${name}`, expectedForm(kind, name), value)
    else reader.fault(`${member}.${name}`, `a known ${kind} property`, name)
  }
  return values
}

function readExpectations(reader: ObjectReader): Scenario['expect'] {
  const byLine = reader.partsOf('expect', (part) => part.objects())
  for (const line of byLine.keys())
    if (!LINES.some((known) => known === line)) reader.fault(`expect.${line}`, LINES.join(', '), line)
  return new Map(
    LINES.flatMap((line) => (byLine.has(line) ? [[line, byLine.get(line) ?? new Map()] as const] : [])),
  )
}

/** A repeated step as the steps that it stands for. */
function repeated({ step, repeat }: StepOfFile): Step[] {
  if (step.do !== 'exec' || repeat === undefined) return [step]
  return Array.from({ length: repeat }, (_, at) => ({ ...step, id: `${step.id}#${at}` }))
}
