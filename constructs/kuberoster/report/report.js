'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const collator = new Intl.Collator('en', {numeric: true});

  // Sorting: a button in each heading, and the direction said in aria-sort.
  for (const table of all('table.sortable')) {
    const headings = all('thead th', table);
    headings.forEach((heading, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => {
        const down = heading.getAttribute('aria-sort') === 'ascending';
        headings.forEach((each) => each.removeAttribute('aria-sort'));
        heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const body = table.tBodies[0];
        const keyed = Array.from(body.rows, (row) => [row.cells[column].dataset.key, row]);
        keyed.sort(([a], [b]) =>
          // What has no value comes last, up and down.
          (a === '') - (b === '') || collator.compare(a, b) * (down ? -1 : 1));
        body.append(...keyed.map((each) => each[1]));
      });
    });
  }

  // Filters: users first, then all that is about users.
  const form = $('filters');
  const users = all('#users tbody tr');
  const texts = new Map();
  const words = all('#words li').map((each) => each.textContent);
  const wordsIn = (root) => all('[data-words]', root);
  // Else whoever can act as everyone would be found in every row.
  const ownText = (row) => all('.others', row).reduce(
    (text, each) => text.replace(each.textContent, () => ''), row.textContent);
  const textOf = (row) => {
    if (!texts.has(row)) {
      const said = wordsIn(row).map((each) => words[each.dataset.words]);
      texts.set(row, [ownText(row), ...said].join('\n').toLowerCase());
    }
    return texts.get(row);
  };
  $('users').addEventListener('toggle', (event) => {
    for (const each of wordsIn(event.target)) each.textContent = words[each.dataset.words];
  }, true);
  const rowsOf = new Map();
  for (const row of all('.access tr[data-user]')) {
    const rows = rowsOf.get(row.dataset.user);
    if (rows) rows.push(row); else rowsOf.set(row.dataset.user, [row]);
  }
  const tables = all('.access .scroll');
  const rules = all('tr[data-users]').map((row) => [row, row.dataset.users.split(' ')]);

  const wanted = () => {
    const words = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
    const [state, team, risk, scope] = ['state', 'team', 'risk', 'in'].map((id) => $('by-' + id).value);
    return (row) =>
      (!state || row.dataset.state === state) &&
      (!team || row.dataset.team === team) &&
      (!risk || Number(row.dataset.risk) <= Number(risk)) &&
      (!scope || row.dataset.in.split(' ').includes(scope)) &&
      words.every((word) => textOf(row).includes(word));
  };

  const show = () => {
    const matches = wanted();
    const names = new Set();
    for (const row of users) {
      const matched = matches(row);
      if (matched) names.add(row.dataset.user);
      row.hidden = !matched;
      for (const other of rowsOf.get(row.dataset.user) || []) other.hidden = !matched;
    }
    for (const table of tables) table.hidden = !table.querySelector('tbody tr:not([hidden])');
    for (const [row, about] of rules) row.hidden = !about.some((name) => names.has(name));
    const total = users.length.toLocaleString('en');
    $('shown').textContent = names.size === users.length
      ? `${total} users`
      : `${names.size.toLocaleString('en')} of ${total} users shown`;
  };

  // The headings of the tables stop below the filters, however high these are.
  new ResizeObserver(() => {
    const sticks = getComputedStyle(form).position === 'sticky';
    const height = sticks ? form.offsetHeight : 0;
    document.documentElement.style.setProperty('--bar', `${height}px`);
  }).observe(form);

  let waiting = 0;
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(show));
  form.addEventListener('input', () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(show);
  });

  // A link to a user who is filtered out brings the user back.
  addEventListener('hashchange', () => {
    const target = $(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) {
      form.reset();
      show();
      target.scrollIntoView();
    }
  });

  // On paper nothing can be unfolded; newer browsers do it by the style alone.
  if (!CSS.supports('selector(::details-content)')) {
    let closed = [];
    addEventListener('beforeprint', () => {
      closed = all('details:not([open])');
      closed.forEach((each) => { each.open = true; });
    });
    addEventListener('afterprint', () => closed.forEach((each) => { each.open = false; }));
  }
})();
