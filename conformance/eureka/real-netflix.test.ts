import { missingTools } from '../../servers/eureka/prepare.ts'
import { realServers } from './servers.ts'
import { tellAll } from './suite.model.ts'

tellAll('the real server of Netflix', {
  flavour: 'netflix',
  start: realServers('netflix'),
  missing: missingTools(),
  soakMs: 8_000,
})
