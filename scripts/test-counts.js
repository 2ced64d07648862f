// Prints `passed failed skipped` from vitest's JSON report; exits 1 when there is none that can be read.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
console.log(report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests)
