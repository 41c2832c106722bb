import vue from 'eslint-plugin-vue'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** The house rules that a linter can check; layers are dependency-cruiser's, dead code is knip's, layout is Prettier's. */
export default defineConfig(
  globalIgnores(['node_modules', 'dist', 'out', '.cache', 'test-results', 'models', 'test/fixtures']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  vue.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', '*.cjs', '*.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      'no-console': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'start' }],
      eqeqeq: 'error',
      'no-implicit-coercion': 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      // `||` on a number turns 0 into a default; on text, '' and absent are often the same thing.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true, boolean: true } }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => dispose()` reads better than a block; a void value that is used is still caught.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Half the folders compile without noUncheckedIndexedAccess (see main/tsconfig.json), where `rows[0] === undefined` looks impossible.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An async function that implements a port is async because the port is.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // Services and stores are closures made by createX: their methods have no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-for-of': 'off', // kernels use the index
      '@typescript-eslint/no-base-to-string': 'off', // foreign values are shown in messages as they are
      '@typescript-eslint/no-unnecessary-type-parameters': 'off', // helpers over zod shapes name what they keep
      '@typescript-eslint/class-literal-property-style': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Declaration merging (vue-i18n's messages) needs an interface that adds nothing.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'max-lines': ['error', 250],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off', // an absent optional prop is undefined, which its type says
      // Layout is Prettier's.
      'vue/html-indent': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
    },
  },
  {
    // The linter cannot look into .vue files, so what is imported from one has no type here; vue-tsc checks these uses.
    files: ['**/*.vue', 'renderer/main.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-useless-default-assignment': 'off', // `undefined` keeps an absent boolean prop from being false
    },
  },
  {
    // What is for a terminal writes to it.
    files: ['main/services/log.ts', 'main/hosts/cli/**', 'scripts/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // The type checker reads JSDoc casts, the linter does not: it sees JSON.parse as `any` behind each of them.
    files: ['scripts/bootstrap/**'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-return': 'off' },
  },
  {
    // A suite is one function; what counts is the length of its tests.
    files: ['test/**'],
    rules: {
      'max-lines-per-function': 'off',
      // Asymmetric matchers (expect.any) and parsed JSON are `any`, and what is wrong about them the assertion says.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  { files: ['*.js', '*.cjs', '*.config.ts'], extends: [tseslint.configs.disableTypeChecked] },
)
