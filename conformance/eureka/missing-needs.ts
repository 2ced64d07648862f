// What this machine lacks of what some scenarios need.
import { missingTools } from '../../servers/eureka/prepare.ts'
import { notOnPath } from '../../servers/prepared-program.ts'
import type { Need } from './catalogue.ts'

/** For each need that is not met, why. */
export function missingNeeds(): Partial<Record<Need, string>> {
  const java = missingTools()
  const [openssl] = notOnPath('openssl')
  return {
    ...(java === undefined ? {} : { 'the Java client': java }),
    ...(openssl === undefined ? {} : { openssl: `no ${openssl} on the path` }),
  }
}
