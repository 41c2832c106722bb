/** Who may import whom (the table in ARCHITECTURE.md), checked by machine. Each folder lists what it may reach; the rest is forbidden. */

const own = folder => `^${folder}/`
const PIPELINE_PORTS = '^main/pipeline/'

/** folder -> local folders it may import besides itself, and packages. */
const TABLE = [
  { folder: 'contract', local: [], packages: ['zod'] },
  { folder: 'main/pipeline', local: ['contract'], packages: ['zod'] },
  { folder: 'main/imaging', local: ['contract'], packages: ['zod'] },
  { folder: 'main/graph', local: ['contract'], packages: ['zod'] },
  { folder: 'main/engine', local: ['contract', 'main/pipeline', 'main/imaging', 'main/graph'], packages: ['zod'] },
  { folder: 'main/storage', local: ['contract'], packages: ['zod', 'image-size'] },
  { folder: 'main/catalog', local: ['contract', 'main/graph'], packages: ['zod'] },
  {
    folder: 'main/services',
    local: ['contract', 'main/engine/engine.ts', 'main/storage', 'main/catalog'],
    packages: ['zod'],
  },
  {
    folder: 'main/hosts',
    local: ['contract', 'main/services', 'main/engine/engine.ts', 'main/engine/remote-engine.ts'],
    packages: ['zod'],
  },
  { folder: 'preload', local: ['contract'], packages: ['electron'] },
  { folder: 'renderer/canvas', local: ['contract'], packages: [] },
  {
    folder: 'renderer',
    local: ['contract'],
    packages: ['vue', 'pinia', 'vue-i18n', 'reka-ui', '@lucide/vue', '@tanstack/vue-virtual', '@vueuse/core', 'zod'],
    except: 'renderer/canvas',
  },
]

/** Packages that only one file, or one folder, may import. */
const ONE_PLACE = [
  { package: 'onnxruntime-(node|common)', place: '^main/pipeline/ort-[a-z-]+\\.ts$' },
  { package: 'sharp', place: '^main/imaging/' },
  { package: 'electron', place: '^(main/hosts/electron|preload)/' },
  { package: 'konva', place: '^renderer/canvas/konva-view\\.ts$' },
]

const oneOfPackages = names => `^node_modules/(${names.join('|')})/`

const tableRules = TABLE.flatMap(({ folder, local, packages, except }) => {
  const from = { path: own(folder), ...(except ? { pathNot: own(except) } : {}) }
  return [
    {
      name: `${folder}: local`,
      comment: `${folder} may import ${[...local, 'itself'].join(', ')}`,
      severity: 'error',
      from,
      to: {
        path: '^(contract|main|preload|renderer|scripts|test)/',
        pathNot: [own(folder), ...local.map(entry => (entry.endsWith('.ts') ? `^${entry}$` : own(entry)))],
      },
    },
    {
      name: `${folder}: packages`,
      comment: `${folder} may use the packages ${packages.join(', ') || '(none)'}`,
      severity: 'error',
      from,
      to: {
        path: '^node_modules/',
        pathNot: [
          ...(packages.length > 0 ? [oneOfPackages(packages)] : []),
          // Judged by the rules for packages with one place.
          ...ONE_PLACE.map(entry => `^node_modules/(@types/)?${entry.package}/`),
          '^node_modules/@types/node/',
        ],
      },
    },
  ]
})

module.exports = {
  forbidden: [
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...tableRules,
    {
      name: 'hosts do not know each other',
      severity: 'error',
      from: { path: '^main/hosts/(electron|server|cli)/' },
      // `easel serve` is a command of the CLI: it starts the server host.
      to: { path: '^main/hosts/(electron|server|cli)/', pathNot: ['^main/hosts/$1/', '^main/hosts/server/'] },
    },
    ...ONE_PLACE.map(entry => ({
      name: `${entry.package} in one place`,
      severity: 'error',
      from: { path: '^(contract|main|preload|renderer)/', pathNot: entry.place },
      to: { path: `^node_modules/${entry.package}/` },
    })),
    {
      name: 'no Node in contract and renderer',
      severity: 'error',
      from: { path: '^(contract|renderer)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the library does no input and output',
      comment: 'The pipeline reads files through what it is given; only the runtime adapter knows paths.',
      severity: 'error',
      from: { path: PIPELINE_PORTS },
      to: { path: '^(node:)?(fs|fs/promises|child_process|http|https|net|sqlite|worker_threads)$' },
    },
    {
      name: 'SQLite in one file',
      severity: 'error',
      from: { path: '^main/', pathNot: '^main/storage/database\\.ts$' },
      to: { path: '^(node:)?sqlite$' },
    },
    { name: 'nothing imports tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out|models|test/fixtures)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'test/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.vue', '.json', '.d.ts'],
    },
  },
}
