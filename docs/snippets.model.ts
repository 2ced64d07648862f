// Finds the `ts` blocks of the documentation, in Markdown files and in doc comments, runs them and checks their types.
//
// A comment behind a `console.log` says what that line prints, `console.log(1 + 1) // 2`, each time that it is passed,
// with a comma between; `…` stands for anything. A block that follows `<!-- from path -->` is part of that file, and is
// compared with it instead of being run. Relative imports start from the file in which the block stands.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import ts from 'typescript'

/** One block. `line` is the first line of its code, from 1. */
export interface Snippet {
  readonly file: string
  readonly line: number
  readonly code: string
  /** The file of which it is a part. */
  readonly from?: string | undefined
}

/** How long a line may take to print what it promises. */
const PRINT_LIMIT_MS = 2_000
const PRINT_POLL_MS = 5
const RUNTIME_KEY = Symbol.for('breakwater.runtime@1')
const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

const FENCE = /^ {0,3}(?<marks>`{3,})(?<info>.*)$/
const EXPECTATION = / \/\/ (?<expected>.+)$/

/** The blocks of a file; of a TypeScript file, those in its doc comments. */
export function snippetsOf(file: string, text: string): Snippet[] {
  const lines = text.split('\n')
  return blocksOf(file, file.endsWith('.ts') ? docLines(lines) : lines)
}

/**
 * Runs a block by itself: with a scope, a console and a runtime of its own. `load` imports a module.
 *
 * @throws Error with file and line when the block throws, or prints something else than it says.
 */
export async function runSnippet(
  { file, line, code }: Snippet,
  load: (specifier: string) => Promise<object>,
): Promise<void> {
  const { instrumented, expectations } = instrument(code, line)
  const printed = new Map<number, string[]>()
  const own = {
    log: () => {},
    error: () => {},
    at: (at: number, ...values: unknown[]) =>
      printed.set(at, [...(printed.get(at) ?? []), format(...values)]),
  }
  Reflect.deleteProperty(globalThis, RUNTIME_KEY)
  try {
    await evaluate(instrumented, own, (specifier) => load(pathOf(specifier, file)))
  } catch (error) {
    throw new Error(`${file}:${String(line)}: the block throws ${String(error)}`, { cause: error })
  }
  await until(() => [...expectations.keys()].every((at) => printed.has(at)))
  for (const [at, expected] of expectations) {
    const text = printed.get(at)?.join(', ') ?? 'nothing'
    if (!matches(text, expected)) throw new Error(`${file}:${String(at)}: printed ${text}, not ${expected}`)
  }
}

/** What the compiler says about blocks, in the strict settings of the repository. */
export function typeErrors(snippets: readonly Snippet[]): string[] {
  const config = ts.readConfigFile(`${ROOT}/tsconfig.base.json`, (path) => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT)
  const settings: ts.CompilerOptions = {
    ...options,
    // A block shows one thing; it need not use everything that it names, nor export with full types.
    noUnusedLocals: false,
    noUnusedParameters: false,
    isolatedDeclarations: false,
    declaration: false,
  }
  const byPath = new Map(
    snippets.map((snippet, index) => [
      join(ROOT, dirname(snippet.file), `snippet-${String(index)}.ts`),
      snippet,
    ]),
  )
  const host = ts.createCompilerHost(settings)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (path) => byPath.has(path) || fileExists(path)
  host.readFile = (path) => byPath.get(path)?.code ?? readFile(path)
  host.getSourceFile = (path, ...rest) => {
    const snippet = byPath.get(path)
    if (snippet === undefined) return getSourceFile(path, ...rest)
    return ts.createSourceFile(path, snippet.code, {
      languageVersion: ts.ScriptTarget.ES2023,
      impliedNodeFormat: ts.ModuleKind.ESNext,
    })
  }
  const program = ts.createProgram([...byPath.keys()], settings, host)
  return [...byPath].flatMap(([path, snippet]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map((problem) => {
      const at = problem.file?.getLineAndCharacterOfPosition(problem.start ?? 0).line ?? 0
      const text = ts.flattenDiagnosticMessageText(problem.messageText, ' ')
      return `${snippet.file}:${String(snippet.line + at)}: ${text}`
    }),
  )
}

/** Whether the file that a block says it is from holds it, line by line. */
export function isPartOfItsFile({ from, code }: Snippet): boolean {
  return from !== undefined && readFileSync(`${ROOT}/${from}`, 'utf8').includes(code)
}

/** The lines of doc comments without what makes them comments; all others are empty. */
function docLines(lines: readonly string[]): string[] {
  let inComment = false
  return lines.map((line) => {
    if (/^\s*\/\*\*/.test(line)) inComment = true
    const text = inComment ? line.replace(/^\s*\*? ?/, '') : ''
    if (line.includes('*/')) inComment = false
    return text
  })
}

function blocksOf(file: string, lines: readonly string[]): Snippet[] {
  const snippets: Snippet[] = []
  for (let at = 0; at < lines.length; at++) {
    const { marks, info = '' } = FENCE.exec(lines[at] ?? '')?.groups ?? {}
    if (marks === undefined) continue
    const begin = at + 1
    do at++
    while (at < lines.length && !closes(lines[at] ?? '', marks))
    if (info.trim() !== 'ts') continue
    const from = /^<!-- from (\S+) -->$/.exec(
      lines.slice(0, begin - 1).findLast((line) => line !== '') ?? '',
    )?.[1]
    snippets.push({ file, line: begin + 1, code: lines.slice(begin, at).join('\n'), from })
  }
  return snippets
}

function closes(line: string, marks: string): boolean {
  const found = FENCE.exec(line)?.groups
  return found?.['info']?.trim() === '' && (found['marks'] ?? '').length >= marks.length
}

/** Lets each `console.log` with a comment behind it report under its line, and tells what the comments say. */
function instrument(
  code: string,
  firstLine: number,
): { instrumented: string; expectations: Map<number, string> } {
  const source = ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest)
  const expectations = new Map<number, string>()
  const calls: { readonly position: number; readonly line: number }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'console.log') {
      const [restOfLine = ''] = code.slice(node.end).split('\n')
      const line = firstLine + source.getLineAndCharacterOfPosition(node.end).line
      const expected = EXPECTATION.exec(restOfLine)?.groups?.['expected']
      if (expected !== undefined) {
        expectations.set(line, expected)
        calls.push({ position: node.getStart(source), line })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  const instrumented = calls
    .sort((a, b) => b.position - a.position)
    .reduce((text, { position, line }) => {
      const call = text.slice(position).replace('console.log(', `console.at(${String(line)}, `)
      return text.slice(0, position) + call
    }, code)
  return { instrumented, expectations }
}

async function evaluate(
  code: string,
  own: object,
  load: (specifier: string) => Promise<object>,
): Promise<void> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
    },
  })
  const modules = new Map<string, object>()
  for (const { fileName } of ts.preProcessFile(code).importedFiles) {
    // With this mark, the compiled code takes the namespace as it is.
    modules.set(fileName, { ...(await load(fileName)), __esModule: true })
  }
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
    ...parts: string[]
  ) => (...args: unknown[]) => Promise<void>
  const run = new AsyncFunction('require', 'exports', 'console', outputText)
  await run((specifier: string) => modules.get(specifier), {}, own)
}

function pathOf(specifier: string, file: string): string {
  return specifier.startsWith('.') ? join(ROOT, dirname(file), specifier).replace(/[.]js$/, '.ts') : specifier
}

async function until(isDone: () => boolean): Promise<void> {
  for (let waitedMs = 0; !isDone() && waitedMs < PRINT_LIMIT_MS; waitedMs += PRINT_POLL_MS)
    await sleep(PRINT_POLL_MS)
}

function matches(text: string, expected: string): boolean {
  const pattern = normal(expected)
    .split('…')
    .map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`, 's').test(normal(text))
}

/** Long values are printed over several lines, where a comment has only one. */
function normal(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}
