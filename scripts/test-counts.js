// Prints `passed failed skipped` from vitest's JSON report, and to stderr what failed, with its first words; exits 1 when
// there is no report that can be read.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
console.log(report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests)
for (const file of report.testResults) {
  const failed = file.assertionResults.filter(({ status }) => status === 'failed')
  if (file.status === 'failed' && failed.length === 0)
    console.error(`${file.name}: ${file.message.split('\n', 1)[0]}`)
  for (const { fullName, failureMessages } of failed) {
    console.error(`${file.name}: ${fullName}: ${String(failureMessages[0]).split('\n', 1)[0]}`)
  }
}
