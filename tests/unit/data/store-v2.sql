BEGIN TRANSACTION;
CREATE TABLE events (
	event INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	review INTEGER, 
	happened_on TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	state TEXT NOT NULL, 
	text_state TEXT NOT NULL, 
	reason_code TEXT NOT NULL, 
	FOREIGN KEY(review) REFERENCES reviews (sequence)
)
 STRICT

;
INSERT INTO "events" VALUES(1,1,'2026-02-05','author','accepted','none','');
INSERT INTO "events" VALUES(2,2,'2026-02-05','author','accepted','waiting','');
INSERT INTO "events" VALUES(3,3,'2026-02-05','author','accepted','waiting','');
INSERT INTO "events" VALUES(4,4,'2026-02-05','guard','set_aside','none','trap');
INSERT INTO "events" VALUES(5,5,'2026-02-05','author','accepted','waiting','');
INSERT INTO "events" VALUES(6,1,'2026-02-06','author','accepted','waiting','');
INSERT INTO "events" VALUES(7,3,'2026-02-06','author','withdrawn','none','');
CREATE TABLE facts (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "facts" VALUES('key_check','34a206b2550ed7bf4d834a4f590d4fcfe4f3cdec051fa3e4cfa7a53d59cd960a');
CREATE TABLE form_counts (
	organization_id TEXT NOT NULL, 
	assessment_id TEXT NOT NULL, 
	questionnaire_id TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	question TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	counted INTEGER NOT NULL, 
	waiting INTEGER NOT NULL, 
	PRIMARY KEY (organization_id, assessment_id, questionnaire_id, mode, question, answer), 
	CHECK (counted >= 0 AND waiting >= 0)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "form_counts" VALUES('primersk-school-12','education-2026','675n-2018-education','qr','q1','',10,1);
INSERT INTO "form_counts" VALUES('primersk-school-12','education-2026','675n-2018-education','qr','q1','yes',10,1);
CREATE TABLE form_keys (
	idempotency_hash TEXT NOT NULL, 
	PRIMARY KEY (idempotency_hash)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "form_keys" VALUES('335019c591105a540b608b5879bf57fce6e2390d9fee1e9a6e87c1b10e05f5c3');
INSERT INTO "form_keys" VALUES('441c3992add839631db9b376fc6ee4b15b0553b9d94c5798d1b31d27ba41609e');
INSERT INTO "form_keys" VALUES('5f62a7df16c36b9a37be2c64d7272f1e049a32b8109ea24a19900c65f4e2c1e6');
INSERT INTO "form_keys" VALUES('82f7c3615b2f0de94e4ea3e2e6beac2027afb699825214efd6d7b2ac2ed15d74');
INSERT INTO "form_keys" VALUES('9f2fd7cd0ac071310322dc1fe591ee81fbbb7b8092f676c378175835fde40569');
INSERT INTO "form_keys" VALUES('b4780b1c1da5f8071d99f1d28e2d4c537e035d4c098170bf8a1dea96ca974c6b');
INSERT INTO "form_keys" VALUES('bad8a8aea35762ff13c25e7d5e9e0402930b4336d6f80347bc6b3c9e57716245');
INSERT INTO "form_keys" VALUES('c4f028e247178ae871239b3b7473ab3afff7628488a2def03fe4c38d0644b7a7');
INSERT INTO "form_keys" VALUES('c7bb37fbaafb45206c3bd2390443eceb82c2a8737afb61d4e39ea04c743397c3');
INSERT INTO "form_keys" VALUES('d9f853a5f115e9bc90fa73d14a59d4e729d1359aefbde87d749a0c89e8646ece');
INSERT INTO "form_keys" VALUES('db56fb4ae51b79afc62f061193fe69de721eb3c10ab3da048ee4d30b08c8a7d4');
CREATE TABLE form_texts (
	text_id TEXT NOT NULL, 
	organization_id TEXT NOT NULL, 
	assessment_id TEXT NOT NULL, 
	questionnaire_id TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	question TEXT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (text_id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "form_texts" VALUES('29acbd866c90e59dbc76','primersk-school-12','education-2026','675n-2018-education','qr','q16','Добавить скамейки.');
CREATE TABLE reviews (
	sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	review_id TEXT NOT NULL, 
	organization_id TEXT NOT NULL, 
	received_on TEXT NOT NULL, 
	rating INTEGER NOT NULL, 
	openness INTEGER, 
	comfort INTEGER, 
	accessibility INTEGER, 
	courtesy INTEGER, 
	speed INTEGER, 
	cleanliness INTEGER, 
	professionalism INTEGER, 
	text TEXT NOT NULL, 
	text_state TEXT NOT NULL, 
	visited_on TEXT NOT NULL, 
	language TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	placement_code TEXT NOT NULL, 
	idempotency_hash TEXT NOT NULL, 
	body_hash TEXT NOT NULL, 
	receipt_hash TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason_code TEXT NOT NULL, 
	CHECK (rating BETWEEN 1 AND 5), 
	CHECK (openness BETWEEN 1 AND 5), 
	CHECK (comfort BETWEEN 1 AND 5), 
	CHECK (accessibility BETWEEN 1 AND 5), 
	CHECK (courtesy BETWEEN 1 AND 5), 
	CHECK (speed BETWEEN 1 AND 5), 
	CHECK (cleanliness BETWEEN 1 AND 5), 
	CHECK (professionalism BETWEEN 1 AND 5), 
	CHECK (state IN ('accepted', 'set_aside', 'withdrawn')), 
	CHECK (text_state IN ('none', 'waiting', 'published', 'rejected')), 
	UNIQUE (review_id), 
	UNIQUE (idempotency_hash), 
	UNIQUE (receipt_hash)
)
 STRICT

;
INSERT INTO "reviews" VALUES(1,'4292cd541d1e2f2a40b4','primersk-school-12','2026-02-05',5,NULL,NULL,NULL,5,NULL,NULL,NULL,'Дописано позже.','waiting','','','qr','','d25e7d862f3fa33414a4fb5e44a59a16ef06659605494a43d8fa71abdab6cf3f','14c0de6706e9119f12c31132c2f0be0d1f8d29b03979fe96612afa52d6bcf08a','06b5c4f784418fdd9fd1dbc6c586b7942d56f79d9012a80deace28e58a2312ac','accepted','');
INSERT INTO "reviews" VALUES(2,'da4f875125c40701fcd5','primersk-school-12','2026-02-05',2,NULL,2,NULL,NULL,1,NULL,NULL,'Очередь в гардероб, ждали полчаса.','waiting','2026-02-04','','web','','9d3b838a5d61a2e5a7a56c87da0d09256f7fe42f09ef13a20e1dabc48bbc66ec','d77cc5f023de938fe348d88c1dc7031fe9350248919776e41347bb43410a7763','d093dfc416411c3560174e32155a08e70159f388ae71b740fdb085680f6dcb52','accepted','');
INSERT INTO "reviews" VALUES(3,'285ea601b940539dd1d8','primersk-school-12','2026-02-05',1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','none','','','qr','','503fdf063d0cf30b00a64893f86da0bf10cd4e4cc62e1bf7822639dbf1bacf7c','458ab14ab75e27d4067779098baed81c688c8f4a2c62f530e6d8b02e37e7a8df','a440678a2f942a4e21c410c750e91dfa07f01bcf9025fcbe2e57da997040bdd8','withdrawn','');
INSERT INTO "reviews" VALUES(4,'b58efd656da7741a982d','primersk-school-12','2026-02-05',5,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','none','','','web','','f3903e090703645eb523715ce31d254ad49b9c6b04a684935f1a993af88bafc4','14c0de6706e9119f12c31132c2f0be0d1f8d29b03979fe96612afa52d6bcf08a','edab8e2673fd722300ecab4c91f5beb26cdbba2de99944c82fc3e44c4b838e65','set_aside','trap');
INSERT INTO "reviews" VALUES(5,'5e0d5ed9ed42aab36563','primersk-clinic-1','2026-02-05',4,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Текст — с «ёлочками» и
строками.','waiting','','','qr','','d92d0c9d0d4a1cef79e2c656fbe4e5a2a7b13cd84b40267d557aa9ff897fc47b','092c6fa131db751856e87262bf435a477ca958b83cf4b33ff3dbfdc64d97e521','29c4ddb3129b1bdc5ccc07ae7b1189580620b78ef26ec12c04912bc7acf4640a','accepted','');
CREATE INDEX ix_reviews_organization_id ON reviews (organization_id);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('reviews',5);
INSERT INTO "sqlite_sequence" VALUES('events',7);
COMMIT;
PRAGMA application_id=1313819441;
PRAGMA user_version=2;
