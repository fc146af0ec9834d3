//! Tests of the record's bytes: standards' vectors, tables of what is refused, properties, the project's own
//! vectors.

mod acts;
mod entries;
mod fixture;
mod headers;
mod merkle;
mod note;
mod strict;
mod tar;
mod vectors;
