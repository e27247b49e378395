// Opens pages in Debian's chromium and prints, a line each, what is wrong with them.
// usage: node browser.js PAGE.html...; needs playwright-core and axe-core in $NODE_PATH
const { chromium } = require('playwright-core')

const looks = [
  { name: '390 light', width: 390, colorScheme: 'light' },
  { name: '1280 dark', width: 1280, colorScheme: 'dark' },
  { name: 'print', width: 800, colorScheme: 'dark', media: 'print' },
]

async function look(browser, file, { name, width, colorScheme, media }) {
  const wrong = text => console.log(`${file}, ${name}: ${text}`)
  // First as readers have it: under its own policy, without script.
  const plain = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: false })
  const page = await plain.newPage()
  page.on('console', m => wrong(m.text()))
  page.on('dialog', d => { wrong('a dialog: ' + d.message()); d.dismiss() })
  page.on('request', r => { if (r.url() !== 'file://' + file) wrong('asks for ' + r.url()) })
  await page.goto('file://' + file)
  if (media) await page.emulateMedia({ media })
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${file.split('/').pop()}-${name.replace(' ', '-')}.png`, fullPage: true })
  // The Tab key reaches each link and each control, in the order in which they stand, and
  // the browser shows where it is.
  if (name === '390 light') {
    const stops = await page.evaluate(() => {
      window.stops = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')].filter(e => e.checkVisibility())
      return window.stops.length
    })
    for (let i = 0; i < stops; i++) {
      await page.keyboard.press('Tab')
      const strayed = await page.evaluate(i => {
        const here = document.activeElement, want = window.stops[i]
        if (here !== want) return 'reaches ' + here.outerHTML.slice(0, 99) + ' and not ' + want.outerHTML.slice(0, 99)
        return getComputedStyle(here).outlineStyle === 'none' ? 'shows nothing at ' + here.outerHTML.slice(0, 99) : ''
      }, i)
      if (strayed) {
        wrong(`Tab ${i + 1} of ${stops} ${strayed}`)
        break
      }
    }
    if (stops < 2) wrong(`has ${stops} places for Tab`)
  }
  await plain.close()
  // Then with axe, which its policy would keep out.
  const open = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
  const tried = await open.newPage()
  await tried.goto('file://' + file)
  if (media) await tried.emulateMedia({ media })
  const [over, scripts, background] = await tried.evaluate(() => [
    document.documentElement.scrollWidth - window.innerWidth,
    document.querySelectorAll('script, img, iframe, object, [onerror], [style]').length,
    getComputedStyle(document.body).backgroundColor,
  ])
  if (over > 0) wrong(`is ${over} pixels too wide`)
  if (scripts > 0) wrong(`has ${scripts} elements that a text broke out into`)
  const want = name === '1280 dark' ? 'rgb(21, 23, 26)' : 'rgb(255, 255, 255)'
  if (background !== want) wrong(`its background is ${background}: the style is not used`)
  await tried.addScriptTag({ path: require.resolve('axe-core/axe.min.js') })
  for (const v of await tried.evaluate(async () => (await axe.run()).violations)) {
    wrong(`axe: ${v.id} (${v.impact}), ${v.nodes.length} times: ${v.nodes[0].html}`)
  }
  await open.close()
}

(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  for (const file of process.argv.slice(2)) for (const l of looks) await look(browser, file, l)
  await browser.close()
})().catch(e => { console.log(String(e)); process.exit(1) })
