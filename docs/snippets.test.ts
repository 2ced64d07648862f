import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { isPartOfItsFile, runSnippet, snippetsOf, typeErrors } from './snippets.model.js'
import type { Snippet } from './snippets.model.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILES = [
  '*.md',
  'docs/**/*.md',
  'packages/*/*.md',
  'examples/*/*.md',
  'bench/*.md',
  'packages/*/src/**/*.ts',
]
const TYPE_CHECK_LIMIT_MS = 120_000

const files = globSync(FILES, {
  cwd: ROOT,
  exclude: ['**/CHANGELOG.md', '**/*.test.ts', '**/*.test-d.ts', '**/*.model.ts'],
})
const snippets = files.toSorted().flatMap((file) => snippetsOf(file, readFileSync(`${ROOT}/${file}`, 'utf8')))
const runnable = snippets.filter(({ from }) => from === undefined)

/** Tests inside of a block run at once, because they are inside of one already. */
const running: unknown[] = []

async function load(specifier: string): Promise<object> {
  const module = (await import(/* @vite-ignore */ specifier)) as object
  if (specifier !== 'vitest') return module
  return { ...module, test: (_title: string, run: () => unknown) => running.push(run()) }
}

async function run(snippet: Snippet): Promise<void> {
  await runSnippet(snippet, load)
  await Promise.all(running.splice(0))
}

describe('the documentation', () => {
  test('has a block in each README of a package', () => {
    const packages = files.filter((file) => /^packages\/[^/]+\/README[.]md$/.test(file))

    expect(packages.length).toBeGreaterThan(0)
    expect(packages.filter((file) => !snippets.some((snippet) => snippet.file === file))).toEqual([])
  })

  test('says for each package how to install what its blocks import', () => {
    const readMe = /^packages\/[^/]+\/README[.]md$/
    const missing = snippets
      .filter(({ file }) => readMe.test(file))
      .flatMap(({ file, code }) => {
        const installed =
          readFileSync(`${ROOT}/${file}`, 'utf8')
            .match(/^npm install .*/gm)
            ?.join(' ') ?? ''
        const names = [...code.matchAll(/(?:from|import) '(?<name>@breakwater\/[a-z-]+)/g)]
        return names
          .map((match) => match.groups?.['name'] ?? '')
          .filter((name) => !installed.split(' ').includes(name))
          .map((name) => `${file}: ${name}`)
      })

    expect([...new Set(missing)]).toEqual([])
  })

  test.each(runnable.map((snippet) => [place(snippet), snippet] as const))(
    '%s runs',
    async (_place, snippet) => {
      await expect(run(snippet)).resolves.toBeUndefined()
    },
  )

  test.each(
    snippets.filter(({ from }) => from !== undefined).map((snippet) => [place(snippet), snippet] as const),
  )('%s is part of its file', (_place, snippet) => {
    expect(isPartOfItsFile(snippet)).toBe(true)
  })

  test('has the right types', { timeout: TYPE_CHECK_LIMIT_MS }, () => {
    expect(typeErrors(runnable)).toEqual([])
  })
})

describe('the check of a block', () => {
  const block = (code: string): Snippet => ({ file: 'x.md', line: 10, code })

  test('finds blocks in Markdown, and none inside of another block', () => {
    const text = [
      '# x',
      '````md',
      '```ts',
      'no()',
      '```',
      '````',
      '```ts',
      'yes()',
      '```',
      '```sh',
      'ls',
      '```',
    ].join('\n')

    expect(snippetsOf('x.md', text)).toEqual([{ file: 'x.md', line: 8, code: 'yes()', from: undefined }])
  })

  test('finds blocks in doc comments', () => {
    const text = [
      'const a = 1',
      '/**',
      ' * Adds.',
      ' *',
      ' * ```ts',
      ' * if (a)',
      ' *   b()',
      ' * ```',
      ' */',
    ].join('\n')

    expect(snippetsOf('x.ts', text)).toEqual([
      { file: 'x.ts', line: 6, code: 'if (a)\n  b()', from: undefined },
    ])
  })

  test('knows of which file a block is a part', () => {
    const [snippet] = snippetsOf(
      'x.md',
      ['<!-- from docs/snippets.test.ts -->', '', '```ts', 'const ROOT', '```'].join('\n'),
    )

    expect(snippet?.from).toBe('docs/snippets.test.ts')
    expect(isPartOfItsFile(snippet!)).toBe(true)
    expect(isPartOfItsFile({ ...snippet!, code: ['no', 'such', 'text'].join('-') })).toBe(false)
  })

  test('runs top-level await, and compares what is printed with the comment', async () => {
    await expect(
      run(block('console.log(await Promise.resolve([1, "a"])) // [ 1, \'a\' ]')),
    ).resolves.toBeUndefined()
  })

  test('compares a value that takes several lines to print', async () => {
    const code = 'console.log(\n  [1, 2]\n    .join(),\n) // 1;2'

    await expect(run(block(code))).rejects.toThrow('x.md:13: printed 1,2, not 1;2')
  })

  test('fails when a test inside of the block fails', async () => {
    const code =
      "import { expect, test } from 'vitest'\ntest('no', async () => {\n  expect(await 1).toBe(2)\n})"

    await expect(run(block(code))).rejects.toThrow('expected 1 to be 2')
  })

  test('waits for what is printed later', async () => {
    await expect(run(block('setTimeout(() => console.log(1), 10) // 1'))).resolves.toBeUndefined()
  })

  test('lets an ellipsis stand for anything', async () => {
    await expect(run(block('console.log("took 3 ms") // took … ms'))).resolves.toBeUndefined()
  })

  test.each([
    ['throws', 'const a = 1\nthrow new Error("no")', 'x.md:10: the block throws Error: no'],
    ['prints something else', 'const a = 1\nconsole.log(a) // 2', 'x.md:11: printed 1, not 2'],
    [
      'prints something else the second time',
      'for (const a of [1, 2])\n  console.log(a) // 1',
      'x.md:11: printed 1, 2, not 1',
    ],
    [
      'imports what is not there',
      "import { no } from '@breakwater/nowhere'\nno()",
      'x.md:10: the block throws',
    ],
  ])('fails with file and line when the block %s', async (_how, code, message) => {
    await expect(run(block(code))).rejects.toThrow(message)
  })

  test('fails when a block does not print what it says', { timeout: 10_000 }, async () => {
    await expect(run(block('if (1 > 2)\n  console.log(1) // 1'))).rejects.toThrow('x.md:11: printed nothing')
  })

  test('finds wrong types, with file and line', { timeout: TYPE_CHECK_LIMIT_MS }, () => {
    expect(typeErrors([block('const a = 1\nconst b: string = a')])).toEqual([
      "x.md:11: Type 'number' is not assignable to type 'string'.",
    ])
  })
})

function place({ file, line }: Snippet): string {
  return `${file}:${String(line)}`
}
