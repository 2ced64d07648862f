// Who may import whom. One direction between packages, pure cores, no cycles; `npm run boundaries` enforces it.
const tests = '[.](test|test-d|model)[.]ts$'

/** Packages each package's own (non-test) sources may import. */
const allowed = {
  kernel: [],
  breaker: ['kernel'],
  fallback: ['kernel'],
  metrics: ['kernel'],
  testing: ['kernel'],
  command: ['kernel', 'breaker', 'fallback'],
  'discovery-client': ['kernel', 'breaker'],
  http: ['kernel', 'breaker', 'command', 'discovery-client'],
}

const oneDirection = Object.entries(allowed).map(([name, others]) => ({
  name: `${name}-imports-${others.join('-') || 'no-other-package'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: tests },
  to: { path: '^packages/', pathNot: `^packages/(${[name, ...others].join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...oneDirection,
    {
      name: 'no-cycles',
      comment: 'Of values. Records that point to each other may know each other by type.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-deep-imports',
      comment: 'Another package is known by its index only.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: ['^packages/$1/', '^packages/[^/]+/src/index[.]ts$', '^packages/testing/src/vitest[.]ts$'],
      },
    },
    {
      name: 'core-values-from-core-only',
      comment:
        'A core takes values from other core files and from kernel; from its own shell it may take types.',
      severity: 'error',
      from: { path: '/core/.+[.]ts$', pathNot: tests },
      to: {
        pathNot: ['/core/', '^packages/kernel/src/index[.]ts$'],
        dependencyTypesNot: ['type-only', 'pre-compilation-only'],
      },
    },
    {
      name: 'products-do-not-stand-on-tooling',
      comment: 'Nothing that is published may need examples, bench, conformance, regressions or scripts.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(examples|bench|sim|conformance|regressions|scripts|docs)/' },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules' },
    // Also the nested node_modules, which may hold sources in TypeScript.
    exclude: {
      path: [
        '^(packages|examples)/[^/]+/dist/',
        '^(bench|sim|conformance|packages|examples)/.*node_modules/',
      ],
    },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
