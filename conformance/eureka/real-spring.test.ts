import { missingTools } from '../../servers/eureka/prepare.ts'
import { realServers } from './servers.ts'
import { tellAll } from './suite.model.ts'

tellAll('the real server of Spring', {
  flavour: 'spring',
  start: realServers('spring'),
  missing: missingTools(),
  soakMs: 8_000,
})
