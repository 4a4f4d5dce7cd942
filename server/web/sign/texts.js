/** Texts of the page for signing. */

const ZH = {
  title: '阅读并签字', language: '语言', task: '{signer}', taskWithReason: '{signer} · {reason}',
  end: '—— 文件结束 ——', page: '第 {page} 页，共 {pages} 页', place: '签字处',
  leave: '不签了', further: '下一页', write: '签字', readFirst: '请看到文件末尾，然后签字。', mayWrite: '看完后请按“签字”。',
  padTitle: '{signer}，请在框内签字', ink: '签字框', back: '返回文件', again: '重写', done: '完成', sealing: '正在封存，请稍候…',
  nothing: '还没有签字，请在框内书写。', tooLong: '笔画太多，请重写。', unread: '请先看到文件末尾。', failed: '没有收到，请再按一次“完成”。',
  leavingTitle: '不签字就离开？', leavingText: '文件保持原样。以后要签，须由柜台重新发起。', stay: '继续', go: '离开',
  signedTitle: '已签好，谢谢', signedText: '签好的文件已交给柜台。', leftTitle: '没有签字', leftText: '文件保持原样。',
  goneTitle: '签字已结束', goneText: '此链接已用过、已过期，或柜台已取消。请向工作人员询问。',
  unsealedTitle: '没有签成', unsealedText: '文件没有封存，保持原样。请向工作人员询问。',
  closedTitle: '签字页', closedText: '此页由柜台在需要签字时打开。', noPage: '这一页没有显示出来，请再翻一次。',
};

const EN = {
  title: 'Read and sign', language: 'Language', task: '{signer}', taskWithReason: '{signer} · {reason}',
  end: '— end of the document —', page: 'Page {page} of {pages}', place: 'Sign here',
  leave: 'Do not sign', further: 'Next page', write: 'Sign', readFirst: 'Read to the end, then sign.', mayWrite: 'When you have read it, press “Sign”.',
  padTitle: '{signer}, please sign in the box', ink: 'Box for the signature', back: 'Back to the document', again: 'Write again', done: 'Done', sealing: 'It is being sealed…',
  nothing: 'Nothing is written yet: write in the box.', tooLong: 'Too many strokes: please write it again.', unread: 'Read to the end of the document first.', failed: 'It did not arrive: press “Done” once more.',
  leavingTitle: 'Leave without signing?', leavingText: 'The document stays as it is. To sign it later, ask at the counter.', stay: 'Go on', go: 'Leave',
  signedTitle: 'Signed, thank you', signedText: 'The counter has the signed document.', leftTitle: 'Not signed', leftText: 'The document is as it was.',
  goneTitle: 'The signing has ended', goneText: 'This address was used, has expired, or the counter cancelled it. Please ask at the counter.',
  unsealedTitle: 'It was not signed', unsealedText: 'The document was not sealed, and is as it was. Please ask at the counter.',
  closedTitle: 'Page for signing', closedText: 'The counter opens this page when something is to be signed.', noPage: 'A page could not be shown: scroll to it once more.',
};

const DICTIONARIES = { zh: ZH, en: EN };

/** Texts in one language. It is not remembered: the next signer may speak another, and the clerk has one of their own. */
export class Texts {
  language = navigator.language.startsWith('zh') ? 'zh' : 'en';

  /** The sentence for `key` with `{name}` replaced by the value of that name. */
  say(key, values = {}) {
    return DICTIONARIES[this.language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** Puts the texts that elements name into the page. */
  fill() {
    document.documentElement.lang = this.language === 'zh' ? 'zh-CN' : 'en';
    document.title = this.say('title');
    for (const element of document.querySelectorAll('[data-text]')) element.textContent = this.say(element.dataset.text);
    for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', this.say(element.dataset.label));
    for (const button of document.querySelectorAll('[data-language]')) {
      button.setAttribute('aria-pressed', String(button.dataset.language === this.language));
    }
  }
}
