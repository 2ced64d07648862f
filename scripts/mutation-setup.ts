// A mutant is killed by the first counterexample; a smaller one is worth no time.
import fc from 'fast-check'

fc.configureGlobal({ endOnFailure: true })
