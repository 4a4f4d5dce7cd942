export async function devices(): Promise<number> {
  const { connect } = await import('gaopai');
  const { devInfo } = await connect().call('GetCameraInfo');
  return devInfo.length;
}
