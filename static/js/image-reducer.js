/*
 * A photo made smaller in the browser before it is sent. Its EXIF block goes along (with the orientation set to
 * "upright", for the pixels are): the server reads when it was taken from it, and keeps nothing of it.
 * Gives back the file itself where the browser cannot draw it, turns it wrongly, or would not make it smaller.
 */

const LONGEST_SIDE = 2048;
const WORTH_IT = 1024 * 1024;
const QUALITY = 0.85;
/* Two pixels side by side that are to be seen one above the other: old browsers show what they do with orientation. */
const TURNED = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P//////////////////////////////////////////////////////////wAALCAABAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AF//Z";

/** @type {Promise<boolean>} */
let turnsByItself = null;

/** @param {string} address */
function load(address) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = address;
  });
}

function turns() {
  turnsByItself = turnsByItself || load(TURNED).then((image) => image.width === 1, () => false);
  return turnsByItself;
}

/** @param {Blob} blob */
function bytesOf(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = reject;
    reader.readAsArrayBuffer(blob);
  });
}

/**
 * The APP1 segment with the EXIF of a JPEG, its orientation set to 1; null where there is none.
 * @param {ArrayBuffer} buffer
 */
export function exifOf(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) {
    return null;
  }
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda) {
    const length = view.getUint16(at + 2);
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) {
      const segment = buffer.slice(at, at + 2 + length);
      return upright(segment) ? segment : null;
    }
    at += 2 + length;
  }
  return null;
}

/** @param {ArrayBuffer} segment */
function upright(segment) {
  const view = new DataView(segment);
  const start = 10;
  const little = view.getUint16(start) === 0x4949;
  const directory = start + view.getUint32(start + 4, little);
  const entries = view.getUint16(directory, little);
  for (let n = 0; n < entries; n += 1) {
    const entry = directory + 2 + n * 12;
    if (view.getUint16(entry, little) === 0x0112) {
      view.setUint16(entry + 8, 1, little);
    }
  }
  return true;
}

/** @param {File} file */
async function exifFrom(file) {
  try {
    return exifOf(await bytesOf(file.slice(0, 256 * 1024)));
  } catch {
    return null;
  }
}

/** @param {HTMLImageElement} image */
function drawn(image) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

/**
 * A smaller JPEG of a photo, or the file as it is. Never fails.
 * @param {File} file
 */
export async function reduced(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < WORTH_IT || !(await turns())) {
    return file;
  }
  const address = URL.createObjectURL(file);
  try {
    const small = await drawn(await load(address));
    if (!small || small.size >= file.size) {
      return file;
    }
    const exif = file.type === "image/jpeg" ? await exifFrom(file) : null;
    const parts = exif ? [small.slice(0, 2), exif, small.slice(2)] : [small];
    const name = `${file.name.replace(/\.[^.]*$/, "") || "photo"}.jpg`;
    return new File(parts, name, { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  } finally {
    URL.revokeObjectURL(address);
  }
}
