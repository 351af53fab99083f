-- Events lie in the order they were stored in: a few bytes for every megabyte tell which of them can be old enough to
-- go, also where a clock had put their ids into another month.
CREATE INDEX indelible_event_recorded ON indelible_event USING brin (recorded_at) WITH (autosummarize = on);
