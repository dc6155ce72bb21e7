// Puts Leaflet, as npm has it, among the assets of the pages:
//
//   node leaflet.mjs
//
// The package is pinned, and its sum with it: the same files come out anywhere. What points to its sources is left out.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const sum = 'nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb+FA74PA=='
const here = name => new URL(`assets/leaflet/${name}`, import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'leaflet-'))
try {
  execFileSync('npm', ['pack', 'leaflet@1.9.4', '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const archive = join(folder, 'leaflet-1.9.4.tgz')
  const found = createHash('sha512').update(readFileSync(archive)).digest('base64')
  if (found !== sum) throw new Error(`leaflet-1.9.4.tgz has the sum ${found}`)
  execFileSync('tar', ['xzf', archive], { cwd: folder })
  const from = name => join(folder, 'package', name)
  writeFileSync(here('leaflet.js'), readFileSync(from('dist/leaflet.js'), 'utf8').replace(/^\/\/# sourceMappingURL.*\n?/m, ''))
  copyFileSync(from('dist/leaflet.css'), here('leaflet.css'))
  copyFileSync(from('LICENSE'), here('LICENSE'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
