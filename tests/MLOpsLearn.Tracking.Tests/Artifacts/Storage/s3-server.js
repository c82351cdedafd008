// Starts s3rver on a free port of loopback, prints the port, and ends with its input. s3rver knows neither how to give an upload in parts up,
// nor how to list such uploads, nor how to copy a part: these calls are answered here, on the same files.
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');
const S3rver = require('s3rver');

const [folder] = process.argv.slice(2);
const data = path.join(folder, 'data');
const uploadsOf = bucket => path.join(data, bucket, '._S3rver_uploads');
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: data, vhostBuckets: false });

function refuse(ctx, code) {
  ctx.status = { AccessDenied: 403, XMinioStorageFull: 507, SlowDown: 503 }[code] || 400;
  ctx.type = 'application/xml';
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
}

async function copyPart(ctx, uploads) {
  const source = ctx.headers['x-amz-copy-source'].replace(/^\//, '');
  const [start, end] = ctx.headers['x-amz-copy-source-range'].replace('bytes=', '').split('-').map(Number);
  const part = path.join(uploads, ctx.query.uploadId, ctx.query.partNumber);
  const md5 = crypto.createHash('md5');
  const target = fs.createWriteStream(part);
  for await (const chunk of fs.createReadStream(path.join(data, source + '._S3rver_object'), { start, end })) {
    md5.update(chunk);
    if (!target.write(chunk)) await new Promise(resolve => target.once('drain', resolve));
  }
  await new Promise(resolve => target.end(resolve));
  const tag = md5.digest('hex');
  fs.writeFileSync(part + '.md5', tag);
  ctx.type = 'application/xml';
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?><CopyPartResult><ETag>"${tag}"</ETag><LastModified>${new Date().toISOString()}</LastModified></CopyPartResult>`;
}

// In whole seconds, as s3rver tells the times of objects: who compares both must not take an upload for younger than an object that came after it.
const told = time => new Date(Math.floor(time / 1000) * 1000).toISOString();

function listUploads(ctx, bucket, uploads) {
  const found = (fs.existsSync(uploads) ? fs.readdirSync(uploads) : [])
    .filter(id => fs.existsSync(path.join(uploads, id, 'key')))
    .map(id => ({ id, at: fs.statSync(path.join(uploads, id)).ctimeMs, key: fs.readFileSync(path.join(uploads, id, 'key'), 'utf8') }))
    .filter(upload => upload.key.startsWith(ctx.query.prefix || ''));
  ctx.type = 'application/xml';
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult><Bucket>${bucket}</Bucket><IsTruncated>false</IsTruncated>${
    found.map(upload => `<Upload><Key>${upload.key}</Key><UploadId>${upload.id}</UploadId><Initiated>${told(upload.at)}</Initiated></Upload>`).join('')
  }</ListMultipartUploadsResult>`;
}

server.middleware.unshift(async (ctx, next) => {
  const bucket = ctx.path.split('/')[1];
  const uploads = uploadsOf(bucket);
  const refusal = path.join(folder, 'refusals', bucket);
  const code = (ctx.method === 'PUT' || ctx.method === 'POST') && fs.existsSync(refusal) && fs.readFileSync(refusal, 'utf8');
  if (code) return refuse(ctx, code);
  if (ctx.method === 'DELETE' && ctx.query.uploadId) {
    fs.rmSync(path.join(uploads, path.basename(ctx.query.uploadId)), { recursive: true, force: true });
    ctx.status = 204;
    return;
  }
  // s3rver leaves encoded slashes as they are.
  if ('x-amz-copy-source' in ctx.headers) ctx.headers['x-amz-copy-source'] = decodeURIComponent(ctx.headers['x-amz-copy-source']);
  if (ctx.method === 'PUT' && ctx.query.uploadId && 'x-amz-copy-source' in ctx.headers) return copyPart(ctx, uploads);
  if (ctx.method === 'GET' && 'uploads' in ctx.query) return listUploads(ctx, bucket, uploads);
  return next();
});

// Under load s3rver looks for files that another request has just removed; that request fails, the others go on.
process.on('uncaughtException', error => console.error(error.message));
process.on('unhandledRejection', error => console.error(error.message));
server.run().then(address => console.log(address.port));
process.stdin.on('end', () => process.exit()).resume();
