create table linh_vuc (id integer primary key, ten text not null);

create table thu_tuc (
    ma text primary key,
    ten text not null,
    linh_vuc integer not null references linh_vuc (id),
    co_quan text not null,
    hinh_thuc text not null,
    so_ngay integer not null,
    le_phi integer not null
);

-- Datasette offers a search box only when content= is written just so, without spaces.
create virtual table thu_tuc_fts using fts5 (
    ten, co_quan, content="thu_tuc", tokenize='unicode61 remove_diacritics 2'
);
