/** What a bundle says to whoever opens it, with nothing but a terminal at hand. */
export const README = `# Evidence from an audit trail

This is a part of an audit trail, with proofs that no event in it was altered after it was recorded. It can be verified
without the database it came from:

    npx indelible verify --bundle PATH --key VERIFIER-KEY

or by hand, or with a program of one's own, as below. In either case have the verifier key from somewhere else than
from this bundle: whoever forges a bundle puts a key of their own into it.

## What is here

- manifest.json: what was asked for, how many events there are, and the size and SHA-256 of every other file.
  is_truncated is false: nothing was cut off. is_whole says whether these are all events of the log.
- signature.txt: a signed note over the SHA-256 of manifest.json. With it nothing was added or left out since the
  bundle was made. Where there is none, what is here can be proved, but not that nothing was left out.
- checkpoint.txt: the log as it stood: its name, how many events (leaves) it had, the root of its Merkle tree in
  base64; below an empty line the signatures. It is a C2SP tlog-checkpoint.
- events.ndjson: one event a line. core: the text that was hashed into the log. payload: the text with everything a
  person could ask to have erased, bound to the core by its digest. index: its place in the log, counted from 0; null
  while it had none. payload and salt are null where the payload was erased, core is null too where the whole event
  was purged.
- proofs.ndjson: for each line of events.ndjson that has an index, in the same order, the hash of its leaf and the
  hashes on the way to the root, from the bottom up.
- removals.ndjson: what was erased or purged by decision: the manifest names the leaves, the event with it vouches for
  the manifest (its metadata holds the SHA-256 of it, in base64url), and the note is the signature of the log's key over
  the kind of removal, the id of that event and the same SHA-256.
- checkpoints.ndjson: earlier checkpoints that were kept elsewhere, each with a consistency proof (RFC 6962) that the
  log of checkpoint.txt begins with all of theirs.
- keys.txt: the verifier keys, for comparing with those from elsewhere.

## How to verify it by hand

1. The files are those of the manifest:

       jq -r '.files[] | .sha256 + "  " + .name' manifest.json | sha256sum -c

2. The checkpoint is signed. A verifier key reads name+id+base64; the base64 is one byte 01 and the 32 bytes of an
   Ed25519 key. A signature line reads "— name base64"; the base64 is the 4 bytes of the id and the 64 bytes of the
   signature over everything above the empty line, its last line end included. golang.org/x/mod/sumdb/note verifies
   such notes, as does openssl pkeyutl -verify -rawin.
3. The core is the leaf: SHA-256 of the byte 00 and the core is the leaf of the proof.

       (printf '\\000'; head -n 1 events.ndjson | jq -j .core) | sha256sum

4. The leaf is in the tree: going up from the leaf, each hash of the proof is put to the left or to the right, as RFC
   9162, section 2.1.3.2, says, and SHA-256 of the byte 01, the left and the right is the hash above. The last one is
   the root of the checkpoint.
5. The payload belongs to the core: SHA-256 of the 16 bytes of the salt and the payload is the payload_digest in the
   core.

       (head -n 1 events.ndjson | jq -j .salt | xxd -r -p; head -n 1 events.ndjson | jq -j .payload) | sha256sum
`;
