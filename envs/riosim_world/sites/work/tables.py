"""Tables of Deskmoor."""

from typing import Final

__all__ = ["SCHEMA"]

SCHEMA: Final = """
CREATE TABLE member (
  user TEXT PRIMARY KEY COLLATE NOCASE, role TEXT, title TEXT, team TEXT, phone TEXT, city TEXT,
  about TEXT, status TEXT, active INTEGER DEFAULT 1);
CREATE TABLE invited (id INTEGER PRIMARY KEY, email TEXT, role TEXT, by TEXT, seeded INTEGER);
CREATE TABLE channel (
  slug TEXT PRIMARY KEY, topic TEXT, private INTEGER, made_by TEXT, seeded INTEGER);
CREATE TABLE channel_member (channel TEXT, user TEXT COLLATE NOCASE, PRIMARY KEY (channel, user));
CREATE TABLE post (
  id INTEGER PRIMARY KEY, room TEXT, parent INTEGER, author TEXT, body TEXT, posted TEXT,
  edited INTEGER DEFAULT 0, deleted INTEGER DEFAULT 0, pinned INTEGER DEFAULT 0,
  file INTEGER DEFAULT 0, seeded INTEGER);
CREATE INDEX post_room ON post (room, parent);
CREATE INDEX post_parent ON post (parent);
CREATE TABLE reaction (
  post INTEGER, user TEXT, name TEXT, seeded INTEGER, PRIMARY KEY (post, user, name));
CREATE TABLE seen (user TEXT, room TEXT, post INTEGER, PRIMARY KEY (user, room));
CREATE TABLE event (
  id INTEGER PRIMARY KEY, title TEXT, begins TEXT, ends TEXT, place TEXT, description TEXT,
  organiser TEXT, cancelled INTEGER DEFAULT 0, seeded INTEGER);
CREATE TABLE guest (
  event INTEGER, who TEXT COLLATE NOCASE, answer TEXT, note TEXT, seeded INTEGER,
  PRIMARY KEY (event, who));
CREATE TABLE board (slug TEXT PRIMARY KEY, name TEXT, about TEXT, seeded INTEGER);
CREATE TABLE lane (id INTEGER PRIMARY KEY, board TEXT, name TEXT);
CREATE TABLE card (
  id INTEGER PRIMARY KEY, board TEXT, lane INTEGER, title TEXT, body TEXT, assignee TEXT, due TEXT,
  label TEXT, author TEXT, made TEXT, archived INTEGER DEFAULT 0, seeded INTEGER);
CREATE TABLE card_comment (
  id INTEGER PRIMARY KEY, card INTEGER, author TEXT, body TEXT, posted TEXT, seeded INTEGER);
CREATE TABLE card_step (id INTEGER PRIMARY KEY, card INTEGER, user TEXT, said TEXT, at TEXT);
CREATE TABLE file (
  id INTEGER PRIMARY KEY, folder TEXT, name TEXT, data BLOB, media_type TEXT, bytes INTEGER,
  digest TEXT, owner TEXT, added TEXT, room TEXT, trashed INTEGER DEFAULT 0, seeded INTEGER,
  kind TEXT DEFAULT 'file');
CREATE TABLE download (id INTEGER PRIMARY KEY, name TEXT, folder TEXT, user TEXT, digest TEXT);
CREATE TABLE notification (
  id INTEGER PRIMARY KEY, user TEXT COLLATE NOCASE, kind TEXT, sender TEXT, body TEXT,
  address TEXT, at TEXT, seen INTEGER DEFAULT 0);
CREATE TABLE preference (user TEXT, name TEXT, value TEXT, PRIMARY KEY (user, name));
CREATE TABLE token (
  id INTEGER PRIMARY KEY, name TEXT, secret TEXT, scopes TEXT, owner TEXT, made TEXT,
  revoked INTEGER DEFAULT 0, seeded INTEGER);
CREATE TABLE token_view (id INTEGER PRIMARY KEY, token INTEGER, user TEXT);
CREATE TABLE app (name TEXT PRIMARY KEY, about TEXT, is_on INTEGER);
CREATE TABLE webhook (
  id INTEGER PRIMARY KEY, name TEXT, channel TEXT, address TEXT, owner TEXT, seeded INTEGER);
CREATE TABLE export (id INTEGER PRIMARY KEY, user TEXT, posts INTEGER, digest TEXT);
"""
