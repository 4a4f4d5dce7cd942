/** Where pages are drawn on a server there is no browser: importing must not fail there. */
async function main() {
  const names = { ...(await import('gaopai')), ...(await import('gaopai/camera')) };
  console.log(Object.keys(names).sort().join(' '));
}

main();
