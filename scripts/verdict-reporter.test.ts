import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const REPORTER = fileURLToPath(new URL('verdict-reporter.js', import.meta.url))

/** The lines that are kept of a run of these files, and how it ended. */
function verdictOn(files: Readonly<Record<string, string>>): { lines: string[]; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-verdict-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const kept = join(folder, 'verdict.txt')
  const { status } = spawnSync(
    process.execPath,
    [VITEST, 'run', '--globals', '--root', folder, `--reporter=${REPORTER}`],
    { cwd: folder, env: { ...process.env, VERDICT_FILE: kept, NO_COLOR: '1' }, stdio: 'ignore' },
  )
  return { lines: readFileSync(kept, 'utf8').trimEnd().split('\n'), status }
}

test('counts the tests, and tells nothing of those that passed', () => {
  const verdict = verdictOn({ 'good.test.js': `test('passes', () => {}); test.skip('is skipped', () => {})` })

  expect(verdict).toEqual({ lines: ['1 0 1'], status: 0 })
})

test('tells what failed: tests, files, hooks, and what belongs to no test, each once', () => {
  const { lines, status } = verdictOn({
    'bad.test.js': `
      test('is wrong', () => { throw new Error('a test') })
      describe('a group', () => {
        afterAll(() => { throw new Error('a hook') })
        test('passes', () => {})
      })`,
    'broken.test.js': `throw new Error('a file')`,
    'late.test.js': `
      test('leaves two behind', async () => {
        const rejects = () => void Promise.reject(new Error('nobody waited'))
        for (let count = 0; count < 2; count++) rejects()
        await new Promise((resolve) => setImmediate(resolve))
      })`,
  })

  expect(status).toBe(1)
  expect(lines).toEqual([
    '2 1 0',
    expect.stringMatching(/^broken\.test\.js: Error: a file/),
    expect.stringMatching(/^bad\.test\.js: a group: Error: a hook/),
    expect.stringMatching(/^bad\.test\.js: is wrong: Error: a test/),
    expect.stringMatching(/^Unhandled Rejection: late\.test\.js: .*Error: nobody waited/),
  ])
})
