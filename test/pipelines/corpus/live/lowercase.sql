create or refresh streaming live table logs
(constraint has_level expect (level in ('INFO', 'WARN', 'ERROR')) on violation drop row)
as select value:level::string as level, value:msg::string as message from stream(live.lines);
create streaming live table lines as select * from cloud_files('/var/log/app', 'text');
