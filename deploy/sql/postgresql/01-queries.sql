-- The queries that Orleans' ADO.NET providers read when a silo or a client starts. The other scripts of this folder fill it.
-- Every script of this folder may be applied again at any time, also to a database that Orleans' own scripts prepared.
CREATE TABLE IF NOT EXISTS OrleansQuery
(
    QueryKey varchar(64) NOT NULL,
    QueryText varchar(8000) NOT NULL,
    CONSTRAINT OrleansQuery_Key PRIMARY KEY (QueryKey)
);
