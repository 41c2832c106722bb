/**
 * The schema of the database as the list of its changes. Append only: entry n brings version n to n + 1, and an entry
 * that was released is never edited, because somebody's database has already been through it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- Running copies of Easel that share this folder; a job belongs to one of them.
  CREATE TABLE process (
    id        TEXT    NOT NULL PRIMARY KEY,
    pid       INTEGER NOT NULL,
    machine   TEXT    NOT NULL,
    host      TEXT    NOT NULL,
    seen_at   INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE job (
    id          TEXT    NOT NULL PRIMARY KEY,
    position    INTEGER NOT NULL,
    owner       TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    request     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER,
    finished_at INTEGER,
    cancelling  INTEGER NOT NULL CHECK (cancelling IN (0, 1)),
    error       TEXT,
    notices     TEXT    NOT NULL
  ) STRICT;
  CREATE INDEX job_unfinished ON job (position) WHERE state IN ('queued', 'running');
  CREATE INDEX job_finished ON job (finished_at DESC) WHERE state NOT IN ('queued', 'running');

  -- An index of the picture files; it can be thrown away and rebuilt from them.
  CREATE TABLE image (
    id          TEXT    NOT NULL PRIMARY KEY,
    job_id      TEXT,
    image_index INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    folder      TEXT,              -- absolute; NULL is the images folder inside the data folder, which can be moved
    file_name   TEXT    NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    request     TEXT    NOT NULL,
    duration_ms REAL,
    favourite   INTEGER NOT NULL CHECK (favourite IN (0, 1)),
    deleted_at  INTEGER
  ) STRICT;
  CREATE INDEX image_newest ON image (created_at DESC, id DESC) WHERE deleted_at IS NULL;
  CREATE INDEX image_of_job ON image (job_id, image_index);
  `,
  `ALTER TABLE job ADD COLUMN skipped TEXT NOT NULL DEFAULT '[]';`,
  `ALTER TABLE job ADD COLUMN cell TEXT;`,
  `
  -- Prompts by every three letters in a row, so that a part of a word is found in any script.
  CREATE VIRTUAL TABLE image_text USING fts5 (prompt, tokenize = 'trigram');
  INSERT INTO image_text (rowid, prompt) SELECT rowid, json_extract(request, '$.prompt') FROM image;
  CREATE TRIGGER image_text_added AFTER INSERT ON image BEGIN
    INSERT INTO image_text (rowid, prompt) VALUES (new.rowid, json_extract(new.request, '$.prompt'));
  END;
  CREATE TRIGGER image_text_removed AFTER DELETE ON image BEGIN
    DELETE FROM image_text WHERE rowid = old.rowid;
  END;
  CREATE INDEX image_favourite ON image (created_at DESC, id DESC) WHERE deleted_at IS NULL AND favourite = 1;
  CREATE INDEX image_of_model ON image (json_extract(request, '$.model'), created_at DESC, id DESC) WHERE deleted_at IS NULL;
  CREATE INDEX image_of_scheduler ON image (json_extract(request, '$.scheduler'), created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
  CREATE INDEX image_bin ON image (created_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
  `,
  `ALTER TABLE image ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';`,
  `
  -- What pictures have cost on this machine; can be lost at the price of estimates.
  CREATE TABLE measurement (
    model  TEXT    NOT NULL,   -- content hash
    engine TEXT    NOT NULL,   -- how it was set: provider, threads, memory
    what   TEXT    NOT NULL,
    width  INTEGER NOT NULL,
    height INTEGER NOT NULL,
    value  REAL    NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (model, engine, what, width, height)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Pictures that name pictures which requests start from; without it, finding those reads every request.
  CREATE INDEX image_with_sources ON image (id)
    WHERE (instr(request, '"edit":') > 0 OR instr(request, '"controls":') > 0);
  `,
]
