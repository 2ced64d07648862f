import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recordingsOf, SCENARIOS } from './files.ts'
import { run } from './run.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  vi.stubEnv('INIT_CWD', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

async function said(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const text = { out: '', errors: '' }
  const code = await run(args, {
    print: (more) => (text.out += more),
    complain: (more) => (text.errors += more),
  })
  return { code, ...text }
}

/** Scenario and recording of these names, in folders beside each other. */
function copied(...names: string[]): string[] {
  for (const name of names) {
    cpSync(join(SCENARIOS, `${name}.json`), join(folder, 'scenarios', `${name}.json`))
    cpSync(join(recordingsOf('classic'), `${name}.json`), join(folder, 'traces', `${name}.json`))
  }
  return ['compare', '--scenarios', 'scenarios', '--traces', 'traces', '--line', 'classic']
}

function edit(file: string, change: (text: string) => string): void {
  const path = join(folder, file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

describe('trace', () => {
  it('prints the trace and nothing else, with a path from where the user stands', async () => {
    copied('S01')

    const { code, out, errors } = await said('trace', 'scenarios/S01.json', '--line', 'classic')

    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(JSON.parse(out)).toMatchObject({
      scenario: 'S01',
      execs: { a: { value: 'v', doneAt: 25, events: ['SUCCESS'], latency: 20, inThread: true, runCalls: 1 } },
      probes: [],
      notifier: ['A:markCommandExecution[]', 'A:SUCCESS'],
      line: 'classic',
    })
  })

  it('names the file, the step and the word that it does not know', async () => {
    copied('S01')
    edit('scenarios/S01.json', (text) => text.replace('"afterMs"', '"afterMS"'))

    const { code, out, errors } = await said('trace', 'scenarios/S01.json', '--line', 'classic')

    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(errors).toContain('S01.json: steps[0].run.afterMS: unknown word "afterMS"')
  })

  it('says which file is not there', async () => {
    expect(await said('trace', 'S99.json', '--line', 'port')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('S99.json'),
    })
  })
})

describe('compare', () => {
  it('is content when all is as recorded', async () => {
    expect(await said(...copied('S01', 'S13'))).toEqual({
      code: 0,
      out: 'classic: 2 scenarios: 2 equal, 0 with allowed differences only, 0 different\n',
      errors: '',
    })
  })

  it('prints each difference and fails', async () => {
    const args = copied('S01', 'S13')
    edit('traces/S01.json', (text) => text.replace('"v"', '"w"'))

    const { code, out } = await said(...args)

    expect(code).toBe(1)
    expect(out).toContain('classic S01 execs.a.value: recorded "w", ours "v"\n')
    expect(out).toContain('1 equal, 0 with allowed differences only, 1 different')
  })

  it('does not take another scenario for ours because it has the same name', async () => {
    const args = copied('S23')
    edit('scenarios/S23.json', (text) => text.replace('"afterMs": 450', '"afterMs": 451'))
    edit('traces/S23.json', (text) => text.replace('"total": 1', '"total": 3'))

    expect((await said(...args)).code).toBe(1)
  })

  it('compares with what the scenario itself expects', async () => {
    const args = copied('S01')
    const expect1 = { classic: { a: { value: 'v', runCalls: 2 } }, port: { a: { value: 'w' } } }
    edit('scenarios/S01.json', (text) => JSON.stringify({ ...JSON.parse(text), expect: expect1 }))

    const { code, out } = await said(...args)

    expect(code).toBe(1)
    expect(out).toContain('classic S01 expect.classic.a.runCalls: recorded 2, ours 1\n')
    expect(out).not.toContain('.value')
  })

  it('leaves nothing out: a scenario without a trace and a trace without a scenario are errors', async () => {
    const args = copied('S01', 'S13')
    rmSync(join(folder, 'traces/S13.json'))
    rmSync(join(folder, 'scenarios/S01.json'))

    const { code, errors } = await said(...args)

    expect(code).toBe(2)
    expect(errors).toContain('S13.json has no trace')
    expect(errors).toContain('S01.json has no scenario')
  })

  it('refuses a trace that is none', async () => {
    const args = copied('S01')
    edit('traces/S01.json', () => '{"scenario":"S01"}')

    expect(await said(...args)).toMatchObject({
      code: 2,
      errors: expect.stringContaining('S01.json: not a trace'),
    })
  })
})

it('refuses a command line that it does not know, with what there is', async () => {
  expect(await said('replay')).toMatchObject({ code: 2, errors: expect.stringContaining('usage:') })
})
