/** Origins of pages: those that asked, those that were decided about, those of the configuration. */
import { text } from '../texts/i18n.js';
import { badge, button, card, make, table } from './dom.js';
import { Panel } from './panel.js';
import { ago, dateTime } from './figures.js';

export function originsPanel(box, session) {
  const panel = new Panel(box, 'origins', () => session.ask('origins'), draw);

  function decide(origin, decision) {
    const say = () => text(`done-${decision}`, { origin });
    return panel.run(() => session.ask('decide', { origin, decision }), (lists) => {
      panel.data = lists;
    }, say);
  }

  function choice(origin, decision) {
    const label = text(`${decision}This`, { origin });
    return button(text(decision), () => decide(origin, decision), { 'aria-label': label, id: `${decision} ${origin}` });
  }

  function draw({ asked, decided, configured }) {
    return [
      addCard(),
      make('div', { class: 'columns' }, askedCard(asked), configuredCard(configured)),
      decidedCard(decided),
    ];
  }

  function addCard() {
    const input = make('input', { id: 'origin', placeholder: 'https://oa.example.cn', autocomplete: 'off', spellcheck: 'false' });
    const submit = (event) => {
      event.preventDefault();
      if (input.value.trim()) decide(input.value.trim(), event.submitter?.value ?? 'allow');
    };
    const choose = (decision, kind) => make('button', { value: decision, class: kind }, text(decision));
    const label = make('label', { class: 'grows', for: 'origin' }, make('span', {}, text('originOf')), input);
    const form = make('form', { class: 'row', onsubmit: submit }, label, choose('allow', 'primary'), choose('deny', ''));
    return make('section', { class: 'card' }, form, make('p', { class: 'quiet' }, text('originHelp')));
  }

  function askedCard(asked) {
    const rows = asked.map(({ origin, count, secondsAgo }) => [
      make('code', {}, origin), text('times', { count }), ago(secondsAgo),
      make('span', { class: 'choices' }, choice(origin, 'allow'), choice(origin, 'deny')),
    ]);
    const heads = [text('origin'), text('asked'), text('last'), text('decision')];
    return card(text('askedOrigins'), rows.length > 0 ? table(text('askedOrigins'), heads, rows) : nothing('noneAsked'));
  }

  function decidedCard(decided) {
    const rows = decided.map(({ origin, allowed, when, by }) => [
      make('code', {}, origin),
      allowed ? badge('good', text('allowed')) : badge('bad', text('denied')),
      dateTime(when), text(`by-${by}`),
      make('span', { class: 'choices' }, choice(origin, allowed ? 'deny' : 'allow'), choice(origin, 'revoke')),
    ]);
    const heads = [text('origin'), text('state'), text('when'), text('by'), text('decision')];
    return card(text('decidedOrigins'), rows.length > 0 ? table(text('decidedOrigins'), heads, rows) : nothing('noneDecided'));
  }

  function configuredCard(configured) {
    const list = make('ul', { class: 'list' }, configured.map((origin) => make('li', {}, make('code', {}, origin))));
    return card(text('configuredOrigins'), configured.length > 0 ? list : nothing('noneConfigured'), make('p', { class: 'quiet' }, text('configuredHelp')));
  }

  return panel;
}

function nothing(key) {
  return make('p', { class: 'quiet' }, text(key));
}
