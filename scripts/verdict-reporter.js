// A reporter of vitest that keeps the verdict in the file of `VERDICT_FILE`: a line `passed failed skipped`, then what failed, one
// line each with its first words; the same is told once. Errors of no test are told too: vitest fails the run for them and counts none.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import process from 'node:process'

const firstWords = (error) =>
  String(error?.stack ?? error?.message ?? error)
    .split('\n', 4)
    .map((line) => line.trim())
    .join(' | ')

const place = (path) => relative(process.cwd(), path)

const ofErrors = (where, errors) => errors.map((error) => `${where}: ${firstWords(error)}`)

const nameOf = ({ module, fullName }) => `${place(module.moduleId)}: ${fullName}`

const ofRun = (error) => {
  const { type, VITEST_TEST_PATH: path, VITEST_TEST_NAME: name } = error
  return ofErrors([type, path && place(path), name].filter(Boolean).join(': '), [error])
}

export default class VerdictReporter {
  onTestRunEnd(modules, errorsOfRun) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const suites = modules.flatMap((module) => [...module.children.allSuites()])
    const inState = (...states) => tests.filter((test) => states.includes(test.result().state))
    const faults = [
      ...modules.flatMap((module) => ofErrors(place(module.moduleId), module.errors())),
      ...suites.flatMap((suite) => ofErrors(nameOf(suite), suite.errors())),
      ...inState('failed').flatMap((test) => ofErrors(nameOf(test), test.result().errors)),
      ...errorsOfRun.flatMap(ofRun),
    ]
    const counts = [inState('passed'), inState('failed'), inState('skipped', 'pending')].map(
      ({ length }) => length,
    )
    writeFileSync(process.env.VERDICT_FILE, [counts.join(' '), ...new Set(faults), ''].join('\n'))
  }
}
