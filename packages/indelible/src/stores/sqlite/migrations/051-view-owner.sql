CREATE INDEX indelible_view_owner ON indelible_view (tenant_id, viewer_id, name, id);
