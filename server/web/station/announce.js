/** Word to somebody who does other things meanwhile: a sound, and a notice of the desktop where the page is hidden. */
const TONES = [660, 880];
const TONE_SECONDS = 0.16;

/** Asks for notices of the desktop; resolves with whether there will be any. */
export async function permitted() {
  if (!('Notification' in window)) return false;
  return (Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission) === 'granted';
}

export function announce(sentence) {
  chime();
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
  const notice = new Notification(document.title, { body: sentence, tag: 'gaopai-done' });
  notice.addEventListener('click', () => {
    window.focus();
    notice.close();
  });
}

function chime() {
  const context = new AudioContext();
  const loudness = new GainNode(context, { gain: 0.08 });
  loudness.connect(context.destination);
  TONES.forEach((frequency, at) => {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(loudness);
    tone.start(context.currentTime + at * TONE_SECONDS);
    tone.stop(context.currentTime + (at + 1) * TONE_SECONDS);
  });
  setTimeout(() => context.close(), 1000);
}
