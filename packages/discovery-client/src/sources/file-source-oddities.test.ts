/** Files as file systems and tools have them: stamps that are coarse, pipes, marks of byte order, paths that depend on where one stands. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type * as FileSystem from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { SimClock } from '@breakwater/testing'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { FileSource } from './file-source.js'

const fileSystem = vi.hoisted(() => ({ isCoarse: false, reads: 0 }))

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>()
  const watched = (file: FileSystem.FileHandle): FileSystem.FileHandle => {
    const { stat, readFile } = file
    const replaced = {
      stat: async (...args: unknown[]): Promise<unknown> => {
        const stats = (await Reflect.apply(stat, file, args)) as object
        return fileSystem.isCoarse ? Object.assign(stats, { ctimeNs: 0n }) : stats
      },
      readFile: (...args: unknown[]): unknown => {
        fileSystem.reads++
        return Reflect.apply(readFile, file, args)
      },
    }
    return Object.assign(file, replaced)
  }
  return {
    ...original,
    open: async (...args: Parameters<typeof original.open>) => watched(await original.open(...args)),
  }
})

const folder = mkdtempSync(`${tmpdir()}/file-source-`)
const file = `${folder}/instances.json`
afterAll(() => {
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  fileSystem.isCoarse = false
  writeFileSync(file, JSON.stringify({ users: ['http://a:1'] }))
})

const ports = (source: FileSource): unknown => source.snapshot('users')?.instances.map(({ port }) => port)

describe('a file source', () => {
  test('sees a change that the file system gives the stamp of the change before', async () => {
    fileSystem.isCoarse = true
    const clock = new SimClock()
    using source = new FileSource(file, { clock })
    await source.ready
    await clock.advance(1_999)
    await source.refresh()
    writeFileSync(file, JSON.stringify({ users: ['http://a:2'] }))
    await clock.advance(1)
    await source.refresh()

    expect(ports(source)).toEqual([2])
  })

  test('leaves a file unread that has looked the same for long enough', async () => {
    const clock = new SimClock()
    using source = new FileSource(file, { clock, pollMs: 60_000 })
    await source.ready
    await clock.advance(2_000)
    await source.refresh()
    fileSystem.reads = 0
    await source.refresh()

    expect(fileSystem.reads).toBe(0)
  })

  test('reads over a mark of byte order', async () => {
    writeFileSync(file, `\uFEFF${JSON.stringify({ users: ['http://a:3'] })}`)
    using source = new FileSource(file, { clock: new SimClock() })
    await source.ready

    expect(ports(source)).toEqual([3])
  })

  test('tells of no update where only the spelling has changed', async () => {
    const clock = new SimClock()
    const updates: unknown[] = []
    using source = new FileSource(file, { clock })
    source.on('update', (update) => updates.push(update))
    await source.ready
    await clock.advance(500)
    for (const text of [
      '{ "users": [ { "host": "a", "port": 1 } ] }',
      '{ "users": ["http://a:1"], "rest": [] }',
    ]) {
      writeFileSync(file, text)
      await source.refresh()
    }

    expect(updates).toEqual([
      { services: 1, instances: 1 },
      { services: 2, instances: 1 },
    ])
    expect(source.snapshot('users')).toMatchObject({ version: 1, updatedAt: 500 })
  })

  test('stays with its file wherever the process goes', async () => {
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
    using source = new FileSource('instances.json', { clock: new SimClock() })
    cwd.mockRestore()
    await source.ready

    expect(ports(source)).toEqual([1])
  })

  test.skipIf(process.platform === 'win32')(
    'says that a pipe is no file, and waits for nobody to write',
    async () => {
      const pipe = `${folder}/pipe`
      execFileSync('mkfifo', [pipe])
      const errors: string[] = []
      using source = new FileSource(pipe, { clock: new SimClock() })
      source.on('error', ({ error }) => errors.push(error.message))
      await source.ready

      expect(errors).toEqual([`${pipe} is no file`])
    },
  )
})
