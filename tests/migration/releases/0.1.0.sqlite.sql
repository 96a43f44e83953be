BEGIN TRANSACTION;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "accounts" VALUES('acme','{"name":"acme","created_at":1795274285556462,"live":{"webhook_url":"http://127.0.0.1:26645/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"test":{"webhook_url":"http://127.0.0.1:26645/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"secrets_sealed":["01ca4a412097557fcd48a2b499a6250ff3585adbf30c9e8fe62dffc2fc2b6d9add3ed4a60a9037ab092ba321a0e031d31a36d97ba1"],"old_secret_until":null,"disabled":false}');
INSERT INTO "accounts" VALUES('other','{"name":"other","created_at":1795274290549207,"live":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"test":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"secrets_sealed":["010a5f25fcdd3d19db451822aa065d7c2591b1aa4b720ca1619345bb5316c5d75cd93a775c3f45aeda9f9f0d67f1b8cca96b27ad09"],"old_secret_until":null,"disabled":false}');
CREATE TABLE carrier_refs (
    operator TEXT NOT NULL,
    ref TEXT NOT NULL,
    destination TEXT NOT NULL,
    message_id BLOB,          -- NULL while only receipts have come
    attempt INTEGER,
    part INTEGER,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    receipts TEXT,            -- JSON list of parked receipts, in the order in which they came
    PRIMARY KEY (operator, ref, destination)
) WITHOUT ROWID;
INSERT INTO "carrier_refs" VALUES('alpha','0000000001','+447700901100',X'01A1FEB036027000B65AE8F160385F00',1,1,'+447700900999',1795274323504742,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000002','+447700901101',X'01A1FEB036F270008AD3B545B7743600',1,1,'+447700900999',1795274323712961,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000003','+447700901200',X'01A1FEB0380F7000B5E1FA8AADAD5A00',1,1,'+447700900999',1795274323997709,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000004','+447700901200',X'01A1FEB0380F7000B5E1FA8AADAD5A00',1,2,'+447700900999',1795274323998039,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000005','erased:3327728ee8540edc15aad77ef064d14a',X'01A1FEB03849700082FA16BDDFD14C00',1,1,'+447700900999',1795274324073522,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000006','+447700900888',X'01A1FEB038EC7002B8F9DF1C01201B00',1,1,'+447700900999',1795274324224675,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000007','+447700901400',X'01A1FEB047087000AD3C165755A47800',1,1,'+447700900999',1795274327819071,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000008','+447700901500',X'01A1FEB053667000BFABC7C4CA284100',1,1,'+447700900999',1795274330992694,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000009','+447700901600',X'01A1FEB053A970009C91C0AD52143700',1,1,'+447700900999',1795274331054870,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000010','+447700901700',X'01A1FEB06D26700089B57459FAB4AF00',1,1,'+447700900999',1795274337581426,NULL);
INSERT INTO "carrier_refs" VALUES('beta','0000005000','+447700901103',X'01A1FEB0379A7000AC9B4CC4F8A2DC00',2,1,'+447700900999',1795274323913860,NULL);
INSERT INTO "carrier_refs" VALUES('beta','777777','+33700900555',NULL,NULL,NULL,'+447700900999',1795274327790994,'[["beta","777777","+447700900999","+33700900555",3,null,"DELIVRD err:000",1795274327790994,null]]');
INSERT INTO "carrier_refs" VALUES('simulated','sim-01a1feb0-3848-7000-8c5b-3bc0e5a22300','+447700901300',X'01A1FEB03846700089ADA0213888F600',1,1,'+447700900999',1795274324040089,NULL);
CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    verb TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken_by INTEGER,
    taken_at INTEGER
);
INSERT INTO "commands" VALUES(1,'settle','',1795274326526488,1,1795274327022729);
INSERT INTO "commands" VALUES(2,'pause','beta',1795274332694120,1,1795274333119489);
INSERT INTO "commands" VALUES(3,'resume','beta',1795274336207980,1,1795274336632258);
CREATE TABLE digests (
    digest BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (digest, number)
) WITHOUT ROWID;
CREATE TABLE idempotency (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body_digest BLOB NOT NULL,
    result TEXT NOT NULL,     -- JSON list of what became of each item
    at INTEGER NOT NULL
);
INSERT INTO "idempotency" VALUES(1,X'C514DCF3C1D34939F3804D82290D075907A18BCFEBC12EBD8DAC826DACB0D050','POST','/v1/sms/send',X'B734ADCC6968AB434D259DA78D0615B6BB64D360738467B70D55B7A0BBC184C3','[["01a1feb036027000b65ae8f160385f00","queued",1,1795274323458786]]',1795274323458786);
INSERT INTO "idempotency" VALUES(2,X'9A0A545D7A6A2366DADBECDC7B55F41212BACF9D0E73D4BF2A66866F971B1BEC','POST','/v1/sms/send',X'AF52766620822F3D723C4A03502659218DBA71C515B3407AFCCB506EE9CFD347','[["01a1feb036f270008ad3b545b7743600","queued",1,1795274323698190]]',1795274323698190);
INSERT INTO "idempotency" VALUES(3,X'22FEABAFB55446ABBDC69319BB8218646AAC2B8C185356800E460951D376C064','POST','/v1/sms/send',X'E3CB520281777F9A761A5BA713692EC33418D9CD708570B667C47F1906541A81','[["01a1feb0375d70009501b72fdbb5d100","queued",1,1795274323805968]]',1795274323805968);
INSERT INTO "idempotency" VALUES(4,X'85E8FA7BE865FB764F126613099E1F1C3B93AFA209CFDA9A4DF5FCE3C3DC5AB0','POST','/v1/sms/send',X'BF90E785CE6FCB275A3B847F86386C9FBFB5BA8AFCFE3054D97C1E61105B7B96','[["01a1feb0379a7000ac9b4cc4f8a2dc00","queued",1,1795274323866565]]',1795274323866565);
INSERT INTO "idempotency" VALUES(5,X'707115D6076BAB666B053D756F1BC9A778FFFD4794E332CCD7563A0511587852','POST','/v1/sms/send',X'3B6156A6B18D0BB487F8D10915AA3205FE05F4A19721A3E9423DD3592342FB30','[["01a1feb0380f7000b5e1fa8aadad5a00","queued",2,1795274323983657]]',1795274323983657);
INSERT INTO "idempotency" VALUES(6,X'8FB4B903C2F6131582E8A87AED27076B83E0DE34C201CF2CD998AFF358562A7F','POST','/v1/sms/send',X'AB85DEE03B0482357CB50BE12E7D4B869ABF31212028634D9DE14A6D2B538454','[["01a1feb03849700082fa16bddfd14c00","queued",1,1795274324041746]]',1795274324041746);
INSERT INTO "idempotency" VALUES(7,X'A857E79CAC2CCA23831B2FDB1D52D530167E03C276487F34A00304565710C3BA','POST','/v1/sms/send',X'EF02181B19370B71B10A0EAF3805A52F5D2799EB01E3DE58DDC7FE4370CE2404','[["01a1feb047087000ad3c165755a47800","queued",1,1795274327816654]]',1795274327816654);
INSERT INTO "idempotency" VALUES(8,X'97ED9E3AE30B9E4FA2F1AE089D0FD6D6BD673F946B2BA0DCC019C702C585C566','POST','/v1/sms/send',X'C336AA5210E1ADEB8DE273CF8479C7A45DB37E9D974C0E0EAEF71F8FF3916266','[["01a1feb053667000bfabc7c4ca284100","queued",1,1795274330982419]]',1795274330982419);
INSERT INTO "idempotency" VALUES(9,X'73CEC243B499BF5D925237058C4D887E7BCDF58B75449DDBE0534A6630668956','POST','/v1/sms/send',X'DD6E2D706AE2734FB961BCEFC31F58D7BFAED516E6F9FC645CFE684EC9D04DE4','[["01a1feb053a970009c91c0ad52143700","queued",1,1795274331049941]]',1795274331049941);
INSERT INTO "idempotency" VALUES(10,X'3E6147C0455C7D9A9B985BDED2E3DC676DAC412CEDA5BE986C49424B5E7767AC','POST','/v1/sms/send',X'ECBB489A53B6579F8B7AC9442E6F35D753EC65A104CC07E8DD0E502BCE69BC3C','[["01a1feb06d2470008adeaccc61e58100","queued",1,1795274337572107]]',1795274337572107);
INSERT INTO "idempotency" VALUES(11,X'187BE6E2679D2F56DE50A73551CD3CC35BB759A16476A5C65DEDC1ECD702BB84','POST','/v1/sms/send',X'D6D9DE76C59199610C25750425B794F2FAD5C0E1C810798B432193E7C3E7BEFD','[["01a1feb06d26700089b57459fab4af00","queued",1,1795274337574804]]',1795274337574804);
INSERT INTO "idempotency" VALUES(12,X'00F9E8A6F2B3E55C7DAF77F742D3D8B5E0A15D89114D8C43CE4793EF6EC41DAF','POST','/v1/sms/send',X'AC6F24FD6E65B8C46C474BBB18E9A322428643F7697A4D0DDC0193421ED04459','[["01a1feb06d497000869aabba5e70ee00","queued",1,1795274337609736]]',1795274337609736);
INSERT INTO "idempotency" VALUES(13,X'5A492145DE4147BEEC120E9E255DECBB34B4EDCA6CF0CED1C9C7F43B26035E75','POST','/v1/sms/send',X'7EF7DD02B24DBC9425E0DAA8FD911DC7644CD2597F170F315E7E97CE1ADBE5EF','[["01a1feb07a15700095965b6c727a4300","queued",1,1795274340885889]]',1795274340885889);
CREATE TABLE inbound (
    id BLOB PRIMARY KEY,
    operator TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    account TEXT,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    keyword TEXT,
    action TEXT,
    reply_to BLOB
) WITHOUT ROWID;
INSERT INTO "inbound" VALUES(X'01A1FEB038B97000B2F020F80BB57D00','alpha','erased:3327728ee8540edc15aad77ef064d14a','+447700900999','',1795274324150850,'acme','live','',NULL,NULL,X'01A1FEB03849700082FA16BDDFD14C00');
INSERT INTO "inbound" VALUES(X'01A1FEB038EC7000AE7AC2B54474D000','alpha','+447700900888','+447700900999','STOP',1795274324200203,'acme','live','','STOP','stop',NULL);
CREATE TABLE inbound_parts (
    number INTEGER PRIMARY KEY,
    operator TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    concat_ref INTEGER,
    total INTEGER NOT NULL,
    part INTEGER NOT NULL,
    body TEXT NOT NULL,
    data BLOB,
    at INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    joined INTEGER NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "inbound_parts" VALUES(1,'alpha','erased:3327728ee8540edc15aad77ef064d14a','+447700900999',NULL,1,1,'',NULL,1795274324150850,X'',1,1);
INSERT INTO "inbound_parts" VALUES(2,'alpha','+447700900888','+447700900999',NULL,1,1,'',NULL,1795274324200203,X'1B9C36F8D95CF9B26D25A789F40E871E',1,1);
INSERT INTO "inbound_parts" VALUES(3,'alpha','+447700900666','+447700900999',42,2,1,'The first half',NULL,1795274324222455,X'5A9D961563E3CC7220FF6BDB362B1A24',0,1);
CREATE TABLE keys (
    digest BLOB PRIMARY KEY,
    key_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "keys" VALUES(X'0892D195A3042A7448F6039D43A64668E3F2533A707F6A16FBA1A72E95FB47E8','key_45ab2b21cf7287a8','acme','{"key_id":"key_45ab2b21cf7287a8","digest":"0892d195a3042a7448f6039d43a64668e3f2533a707f6a16fba1a72e95fb47e8","account":"acme","env":"test","scopes":["read:messages","send:sms"],"created_at":1795274300638664,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'3466925CAD3B19498BDDEF441F7059C54A315914E570129E26714F242E82BF27','key_e376e47ef89c8ebd','acme','{"key_id":"key_e376e47ef89c8ebd","digest":"3466925cad3b19498bddef441f7059c54a315914e570129e26714f242e82bf27","account":"acme","env":"live","scopes":["admin","read:messages"],"created_at":1795274307624239,"expires_at":null,"revoked_at":null,"allow_from":[],"member":"ann","sub_tenant":null}');
INSERT INTO "keys" VALUES(X'4426E80250C7FB551693C58787B0BA9A9E73B0CF66C4607B65DB15C33E2DB2D3','key_0e5333e9062fd9ea','other','{"key_id":"key_0e5333e9062fd9ea","digest":"4426e80250c7fb551693c58787b0ba9a9e73b0cf66c4607b65db15c33e2db2d3","account":"other","env":"live","scopes":["read:messages","send:sms"],"created_at":1795274302272804,"expires_at":null,"revoked_at":null,"allow_from":["127.0.0.0/8"],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'905268570DBD1DAD03A6CBB2B2E6A396EECA99BBC9A1012E48D2774021B55BF1','key_d4a4a7e0bba73469','acme','{"key_id":"key_d4a4a7e0bba73469","digest":"905268570dbd1dad03a6cbb2b2e6a396eeca99bbc9a1012e48d2774021b55bf1","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795274304462130,"expires_at":null,"revoked_at":1795274309826220,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'D543D3ABF5A7B0E5C0E13D3B39612B386DC33FD30B9FDC3274A517F00AA09A4E','key_9c5f8e68b5c3eb6c','acme','{"key_id":"key_9c5f8e68b5c3eb6c","digest":"d543d3abf5a7b0e5c0e13d3b39612b386dc33fd30b9fdc3274a517f00aa09a4e","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795274298251391,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    priority INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    facts TEXT NOT NULL,      -- JSON: what never changes
    status TEXT NOT NULL,
    operator TEXT,
    owner INTEGER,
    next_at INTEGER,
    final_at INTEGER,
    in_doubt INTEGER NOT NULL, -- parts in doubt of the latest attempt
    state TEXT NOT NULL       -- JSON: what decisions rewrite, with the parts of the latest attempt
);
INSERT INTO "messages" VALUES(1,X'01A1FEB036027000B65AE8F160385F00','acme','live','+447700900999','+447700901100','',1,1795274323458786,1795533523458786,'["orchestrator","This one is delivered",1,null,0,null,"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","key_9c5f8e68b5c3eb6c","req_01M7ZB0DFYXWRNG177MBSV499D",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795274323505705,0,'[null,"all",1,1,[],1,1,false,1,1795274323504742,null,2,[[1,1,"alpha",3,"0000000001",null,1795274323504742,1795274323505705,null,null]]]');
INSERT INTO "messages" VALUES(2,X'01A1FEB036F270008AD3B545B7743600','acme','live','+447700900999','+447700901101','',1,1795274323698190,1795533523698190,'["orchestrator","This one is undelivered",1,null,0,null,"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","key_9c5f8e68b5c3eb6c","req_01M7ZB0DQHT9YWJKR2V2YSSQ34",null,null,false,null,null]','failed','alpha',NULL,NULL,1795274323756850,0,'["carrier_error","all",1,1,[],1,1,false,1,1795274323712961,["carrier_error","receipt: UNDELIV err:001","UNDELIV err:001",1795274323756850],2,[[1,1,"alpha",5,"0000000002","UNDELIV err:001",1795274323712961,1795274323756850,null,null]]]');
INSERT INTO "messages" VALUES(3,X'01A1FEB0375D70009501B72FDBB5D100','acme','live','+447700900999','+447700901102','',1,1795274323805968,1795533523805968,'["orchestrator","This one is refused",1,null,0,null,"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","key_9c5f8e68b5c3eb6c","req_01M7ZB0DTXT9FZYAQWHTVCZZME",null,null,false,null,null]','undeliverable','alpha',NULL,NULL,1795274323813009,0,'["invalid_number","all",1,1,[],1,1,false,1,1795274323813009,["invalid_number","refused by alpha: ESME_RINVDSTADR","ESME_RINVDSTADR",1795274323813009],1,[[1,1,"alpha",6,null,"ESME_RINVDSTADR",1795274323813009,null,null,null]]]');
INSERT INTO "messages" VALUES(4,X'01A1FEB0379A7000AC9B4CC4F8A2DC00','acme','live','+447700900999','+447700901103','',1,1795274323866565,1795533523866565,'["orchestrator","This one is second",1,null,0,null,"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","key_9c5f8e68b5c3eb6c","req_01M7ZB0DWTZR21HGBJHM8BYCBS",null,null,false,null,null]','delivered','beta',NULL,NULL,1795274323920121,0,'[null,"all",2,1,["alpha"],2,1,false,1,1795274323886269,["carrier_error","ESME_RINVMSGLEN","ESME_RINVMSGLEN",1795274323886269],2,[[2,1,"beta",3,"0000005000",null,1795274323913860,1795274323920121,null,null]]]');
INSERT INTO "messages" VALUES(5,X'01A1FEB0380F7000B5E1FA8AADAD5A00','acme','live','+447700900999','+447700901200','',1,1795274323983657,1795533523983657,'["orchestrator","All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. ",2,null,12023,null,null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0E0FQGGCQ475P42AEK0P",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795274324005039,0,'[null,"all",1,1,[],1,2,false,1,1795274323997709,null,2,[[1,1,"alpha",3,"0000000003",null,1795274323997709,1795274324004594,null,null],[1,2,"alpha",3,"0000000004",null,1795274323998039,1795274324005039,null,null]]]');
INSERT INTO "messages" VALUES(6,X'01A1FEB03846700089ADA0213888F600','acme','test','+447700900999','+447700901300','',1,1795274324038049,1795533524038049,'["orchestrator","Your code is 123456",1,null,0,null,null,"key_45ab2b21cf7287a8","req_01M7ZB0E25S7HYBS30G3EG58SX",null,null,false,null,null]','delivered','simulated',NULL,NULL,1795274324540056,0,'[null,"test",1,1,[],1,1,false,1,1795274324040089,null,2,[[1,1,"simulated",3,"sim-01a1feb0-3848-7000-8c5b-3bc0e5a22300",null,1795274324040089,1795274324540056,null,null]]]');
INSERT INTO "messages" VALUES(7,X'01A1FEB03849700082FA16BDDFD14C00','acme','live','+447700900999','erased:3327728ee8540edc15aad77ef064d14a','',1,1795274324041746,1795533524041746,'["orchestrator","",1,null,0,null,null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0E29XDZ0DREGW0E31JK7",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795274324120752,0,'[null,"all",1,1,[],1,1,false,1,1795274324073522,null,2,[[1,1,"alpha",3,"0000000005",null,1795274324073522,1795274324120752,null,null]]]');
INSERT INTO "messages" VALUES(8,X'01A1FEB038EC7002B8F9DF1C01201B00','acme','live','+447700900999','+447700900888','',0,1795274324204859,1795360724204859,'["orchestrator","You are unsubscribed and will get no more messages. Reply START to resubscribe.",1,null,0,null,null,"reply","",null,null,true,null,null]','delivered','alpha',NULL,NULL,1795274324282685,0,'[null,"reply",1,1,[],1,1,false,1,1795274324224675,null,0,[[1,1,"alpha",3,"0000000006",null,1795274324224675,1795274324282685,null,null]]]');
INSERT INTO "messages" VALUES(9,X'01A1FEB047087000AD3C165755A47800','acme','live','+447700900999','+447700901400','',1,1795274327816654,1795533527816654,'["orchestrator","This one is given_up",1,null,0,"http://127.0.0.1:26645/gone",null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0HR7ZWNTK4YBPED6NS8D",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795274327832719,0,'[null,"all",1,1,[],1,1,false,1,1795274327819071,null,2,[[1,1,"alpha",3,"0000000007",null,1795274327819071,1795274327832719,null,null]]]');
INSERT INTO "messages" VALUES(10,X'01A1FEB053667000BFABC7C4CA284100','acme','live','+447700900999','+447700901500','',1,1795274330982419,1795533530982419,'["orchestrator","This one is tried_again",1,null,0,"http://127.0.0.1:26646/hooks",null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0MV6GJ833R2K57TZ3E41",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795274331029445,0,'[null,"all",1,1,[],1,1,false,1,1795274330992694,null,2,[[1,1,"alpha",3,"0000000008",null,1795274330992694,1795274331029445,null,null]]]');
INSERT INTO "messages" VALUES(11,X'01A1FEB053A970009C91C0AD52143700','acme','live','+447700900999','+447700901600','',1,1795274331049941,1795533531049941,'["orchestrator","This one is under_way",1,null,0,null,null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0MX9VJZWTBFN74A5D5WQ",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795274331103502,0,'[null,"all",1,1,[],1,1,false,1,1795274331054870,null,2,[[1,1,"alpha",3,"0000000009",null,1795274331054870,1795274331103502,null,null]]]');
INSERT INTO "messages" VALUES(12,X'01A1FEB06D2470008ADEACCC61E58100','acme','live','+447700900999','+4917009017','',1,1795274337572107,1795533537572107,'["orchestrator","This one is waiting",1,null,0,null,null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0V935NDVR9NCD8553ZX2",null,null,false,null,null]','queued','gamma',NULL,1795274337572107,NULL,0,'[null,"de",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                   ');
INSERT INTO "messages" VALUES(13,X'01A1FEB06D26700089B57459FAB4AF00','acme','live','+447700900999','+447700901700','',1,1795274337574804,1795533537574804,'["orchestrator","This one is sent",1,null,0,null,null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0V96F49KBM8363FAS0T9",null,null,false,null,null]','sent','alpha',NULL,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,1795274337581426,null,1,[[1,1,"alpha",2,"0000000010",null,1795274337581426,null,null,null]]]                                     ');
INSERT INTO "messages" VALUES(14,X'01A1FEB06D497000869AABBA5E70EE00','acme','live','+447700900999','+447700901800','',1,1795274337609736,1795533537609736,'["orchestrator","This one is in_doubt",1,null,0,null,null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0VA9R9AGVJNDJYR1K6ED",null,null,false,null,null]','queued','alpha',NULL,1795274637634351,NULL,1,'[null,"all",1,1,[],1,1,true,1,null,null,0,[[1,1,"alpha",1,null,"the link was lost before the answer",1795274337634351,null,null,null]]]                         ');
INSERT INTO "messages" VALUES(15,X'01A1FEB07A15700095965B6C727A4300','acme','live','+447700900999','+447700901900','',1,1795274340885889,1795533540885889,'["orchestrator","This one is in_hand",1,null,0,null,null,"key_9c5f8e68b5c3eb6c","req_01M7ZB0YGN44MH86WY1ZZNEAQR",null,null,false,null,null]','queued','alpha',1,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(16,X'01A1FEB07B187000A501BD26859E8900','acme','live','+447700900999','+447700902000','',1,1795274341144689,1795533541144689,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795276141144689,false,null,null]','scheduled','alpha',NULL,1795276141144689,NULL,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(17,X'01A1FEB07B187001B91BB7C6BFACC300','acme','live','+447700900999','+447700902000','',1,1795274341144689,1795533541144689,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795276141144689,false,null,null]','canceled','alpha',NULL,NULL,1795274341144689,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]');
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" VALUES('digests',0);
INSERT INTO "meta" VALUES('generation',20);
INSERT INTO "meta" VALUES('probe',1);
INSERT INTO "meta" VALUES('recipients',8);
CREATE TABLE numbers (
    number TEXT NOT NULL,
    keyword TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, keyword)
) WITHOUT ROWID;
INSERT INTO "numbers" VALUES('+447700900999','','acme','live',1795274312945873);
INSERT INTO "numbers" VALUES('60777','win','other','live',1795274316586178);
CREATE TABLE operator_states (
    operator TEXT NOT NULL,
    process INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    binds TEXT NOT NULL,      -- JSON
    waiting INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    PRIMARY KEY (operator, process)
) WITHOUT ROWID;
INSERT INTO "operator_states" VALUES('alpha',1,1795274339692604,'up','[{"bind":0,"state":"bound","since":"2026-11-21T15:18:57+00:00","window_used":0,"window":100,"last_error":"closed by the peer","reconnect_at":null}]',0,0);
INSERT INTO "operator_states" VALUES('beta',1,1795274339692604,'up','[{"bind":0,"state":"bound","since":"2026-11-21T15:18:43+00:00","window_used":0,"window":100,"last_error":null,"reconnect_at":null}]',0,0);
INSERT INTO "operator_states" VALUES('gamma',1,1795274339692604,'down','[{"bind":0,"state":"waiting","since":"2026-11-21T15:18:59+00:00","window_used":0,"window":100,"last_error":"ConnectionRefusedError: [Errno 111] Connection refused","reconnect_at":"2026-11-21T15:19:00+00:00"}]',0,0);
INSERT INTO "operator_states" VALUES('simulated',1,1795274339692604,'up','[]',0,0);
CREATE TABLE parts (
    message_id BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    part INTEGER NOT NULL,
    operator TEXT NOT NULL,
    state INTEGER NOT NULL,   -- gateway.domain.words.PartState
    ref TEXT,
    error TEXT,
    at INTEGER NOT NULL,
    receipt_at INTEGER,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    PRIMARY KEY (message_id, attempt, part)
) WITHOUT ROWID;
INSERT INTO "parts" VALUES(X'01A1FEB0379A7000AC9B4CC4F8A2DC00',1,1,'alpha',6,NULL,'ESME_RINVMSGLEN',1795274323886269,NULL,'+447700900999','+447700901103');
CREATE TABLE processes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    token INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);
INSERT INTO "processes" VALUES(1,1,'c4e87097-d876-4b9b-8e1a-43fcc6f5b56c',32373,1795274323054126);
CREATE TABLE recipients (
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (recipient, sender, number)
) WITHOUT ROWID;
INSERT INTO "recipients" VALUES('+447700900888','+447700900999',8);
INSERT INTO "recipients" VALUES('+447700901100','+447700900999',1);
INSERT INTO "recipients" VALUES('+447700901101','+447700900999',2);
INSERT INTO "recipients" VALUES('+447700901102','+447700900999',3);
INSERT INTO "recipients" VALUES('+447700901103','+447700900999',4);
INSERT INTO "recipients" VALUES('+447700901200','+447700900999',5);
INSERT INTO "recipients" VALUES('+447700901300','+447700900999',6);
INSERT INTO "recipients" VALUES('erased:3327728ee8540edc15aad77ef064d14a','+447700900999',7);
CREATE TABLE schema_migrations (
    name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID
;
INSERT INTO "schema_migrations" VALUES('0001_pre_begin','33a8a3b73b84780096441326b9cabeef7f227e0b7561a5a1e9c5ac43f2544fa5','2026-11-21 15:18:05');
INSERT INTO "schema_migrations" VALUES('0002_pre_erasure','9e14b93f758a1055a7b7164b72b2784851e5966be8690d7e992598250a92e624','2026-11-21 15:18:05');
CREATE TABLE suppressions (
    number TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, account, env, sub_tenant)
) WITHOUT ROWID;
INSERT INTO "suppressions" VALUES('+447700900888','acme','live','','stop',1795274324204859);
INSERT INTO "suppressions" VALUES('+447700900999','acme','live','','manual',1795274318517243);
INSERT INTO "suppressions" VALUES('+447700901102','acme','live','','invalid_number',1795274323813009);
INSERT INTO "suppressions" VALUES('erased:3327728ee8540edc15aad77ef064d14a','acme','live','','erased',1795274326526488);
CREATE TABLE webhooks (
    id BLOB PRIMARY KEY,
    subject BLOB NOT NULL,
    seq INTEGER NOT NULL,
    account TEXT NOT NULL,
    destination TEXT NOT NULL,
    document TEXT NOT NULL,   -- JSON
    state INTEGER NOT NULL,   -- 0 pending, 1 claimed, 2 delivered, 3 dead
    owner INTEGER,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    body BLOB,
    settled_at INTEGER,
    error TEXT
) WITHOUT ROWID;
INSERT INTO "webhooks" VALUES(X'01A1FEB036307000B02A394F513B0000',X'01A1FEB036027000B65AE8F160385F00',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274323504742,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-3602-7000-b65a-e8f160385f00","status":"sent","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795274323504742,1,NULL,1795274323529015,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB036317000BEFD22D2BD539E00',X'01A1FEB036027000B65AE8F160385F00',2,'acme','acme http://127.0.0.1:26645','["live","orchestrator","delivered",1795274323505705,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-3602-7000-b65a-e8f160385f00","status":"delivered","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795274323505705,1,NULL,1795274323662266,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB0370070008008FB9B1B97FA00',X'01A1FEB036F270008AD3B545B7743600',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274323712961,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-36f2-7000-8ad3-b545b7743600","status":"sent","reason":null,"recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795274323712961,1,NULL,1795274323733704,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB0372C7000A3A6D7B4E746C400',X'01A1FEB036F270008AD3B545B7743600',2,'acme','acme http://127.0.0.1:26645','["live","orchestrator","failed",1795274323756850,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-36f2-7000-8ad3-b545b7743600","status":"failed","reason":"carrier_error","recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":"UNDELIV err:001"}]',2,NULL,1795274323756850,1,NULL,1795274323781350,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB037657000970263F0C81B1100',X'01A1FEB0375D70009501B72FDBB5D100',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","undeliverable",1795274323813009,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-375d-7000-9501-b72fdbb5d100","status":"undeliverable","reason":"invalid_number","recipient":"+447700901102","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVDSTADR"}]',2,NULL,1795274323813009,1,NULL,1795274323833623,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB037C970008C7B2CE83C307A00',X'01A1FEB0379A7000AC9B4CC4F8A2DC00',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274323913860,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-379a-7000-ac9b-4cc4f8a2dc00","status":"sent","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795274323913860,1,NULL,1795274323952211,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB037D0700098DD371E2B877400',X'01A1FEB0379A7000AC9B4CC4F8A2DC00',2,'acme','acme http://127.0.0.1:26645','["live","orchestrator","delivered",1795274323920121,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-379a-7000-ac9b-4cc4f8a2dc00","status":"delivered","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795274323920121,1,NULL,1795274323980595,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB0381E700097146C7A10D71200',X'01A1FEB0380F7000B5E1FA8AADAD5A00',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274323998039,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-380f-7000-b5e1-fa8aadad5a00","status":"sent","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795274323998039,1,NULL,1795274324005099,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB0382570008DCA6334BF6E9400',X'01A1FEB0380F7000B5E1FA8AADAD5A00',2,'acme','acme http://127.0.0.1:26645','["live","orchestrator","delivered",1795274324005039,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-380f-7000-b5e1-fa8aadad5a00","status":"delivered","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795274324005039,1,NULL,1795274324024035,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB038487001B998FF716E623A00',X'01A1FEB03846700089ADA0213888F600',1,'acme','acme http://127.0.0.1:26645','["test","orchestrator","sent",1795274324040089,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-3846-7000-89ad-a0213888f600","status":"sent","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795274324040089,1,NULL,1795274324054198,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB038697000B580D51DFC51B200',X'01A1FEB03849700082FA16BDDFD14C00',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274324073522,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-3849-7000-82fa-16bddfd14c00","status":"sent","reason":null,"recipient":"erased:3327728ee8540edc15aad77ef064d14a","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795274324073522,1,NULL,1795274324078737,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB038987000BA3E1ED97F8A3C00',X'01A1FEB03849700082FA16BDDFD14C00',2,'acme','acme http://127.0.0.1:26645','["live","orchestrator","delivered",1795274324120752,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-3849-7000-82fa-16bddfd14c00","status":"delivered","reason":null,"recipient":"erased:3327728ee8540edc15aad77ef064d14a","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795274324120752,1,NULL,1795274324130233,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB038B97001B8E6B613BB8A9100',X'01A1FEB038B97000B2F020F80BB57D00',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","inbound",1795274324153225,"http://127.0.0.1:26645/hooks",{"inbound_id":"01a1feb0-38b9-7000-b2f0-20f80bb57d00","sender":"erased:3327728ee8540edc15aad77ef064d14a","recipient":"+447700900999","body":"","keyword":null,"action":null,"operator":"alpha","reply_to":"01a1feb0-3849-7000-82fa-16bddfd14c00","metadata":null}]',2,NULL,1795274324153225,1,NULL,1795274324176645,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB038EC700193EC3D721AD0AF00',X'01A1FEB038EC7000AE7AC2B54474D000',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","inbound",1795274324204859,"http://127.0.0.1:26645/hooks",{"inbound_id":"01a1feb0-38ec-7000-ae7a-c2b54474d000","sender":"+447700900888","recipient":"+447700900999","body":"STOP","keyword":"STOP","action":"stop","operator":"alpha","reply_to":null,"metadata":null}]',2,NULL,1795274324204859,1,NULL,1795274324214453,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB03A3C700088511188FE1C5600',X'01A1FEB03846700089ADA0213888F600',2,'acme','acme http://127.0.0.1:26645','["test","orchestrator","delivered",1795274324540056,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-3846-7000-89ad-a0213888f600","status":"delivered","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795274324540056,1,NULL,1795274324563883,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB0470B70008515C6603489CD00',X'01A1FEB047087000AD3C165755A47800',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274327819071,"http://127.0.0.1:26645/gone",{"message_id":"01a1feb0-4708-7000-ad3c-165755a47800","status":"sent","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795274327819071,1,X'7B226964223A2230316131666562302D343730622D373030302D383531352D633636303334383963643030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431353A31383A34372E3831395A222C2264617461223A7B226D6573736167654964223A2230316131666562302D343730382D373030302D616433632D313635373535613437383030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795274327850164,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEB04718700097D9FAE806744200',X'01A1FEB047087000AD3C165755A47800',2,'acme','acme http://127.0.0.1:26645','["live","orchestrator","delivered",1795274327832719,"http://127.0.0.1:26645/gone",{"message_id":"01a1feb0-4708-7000-ad3c-165755a47800","status":"delivered","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795274327832719,1,X'7B226964223A2230316131666562302D343731382D373030302D393764392D666165383036373434323030222C2274797065223A226D6573736167652E64656C697665726564222C226F636375727265644174223A22323032362D31312D32315431353A31383A34372E3833325A222C2264617461223A7B226D6573736167654964223A2230316131666562302D343730382D373030302D616433632D313635373535613437383030222C22737461747573223A2244454C495645524544222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795274327977208,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEB053707000BCE409C2EE6A5B00',X'01A1FEB053667000BFABC7C4CA284100',1,'acme','acme http://127.0.0.1:26646','["live","orchestrator","sent",1795274330992694,"http://127.0.0.1:26646/hooks",{"message_id":"01a1feb0-5366-7000-bfab-c7c4ca284100","status":"sent","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795274366005222,2,X'7B226964223A2230316131666562302D353337302D373030302D626365342D303963326565366135623030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431353A31383A35302E3939325A222C2264617461223A7B226D6573736167654964223A2230316131666562302D353336362D373030302D626661622D633763346361323834313030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031353030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',NULL,'no connection to http://127.0.0.1:26646: Connection refused');
INSERT INTO "webhooks" VALUES(X'01A1FEB053957000B09B5F4EC8FD7900',X'01A1FEB053667000BFABC7C4CA284100',2,'acme','acme http://127.0.0.1:26646','["live","orchestrator","delivered",1795274331029445,"http://127.0.0.1:26646/hooks",{"message_id":"01a1feb0-5366-7000-bfab-c7c4ca284100","status":"delivered","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795274366005222,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB053AE700080E5F8453CBCE100',X'01A1FEB053A970009C91C0AD52143700',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274331054870,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-53a9-7000-9c91-c0ad52143700","status":"sent","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795274331054870,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB053DF7000B7E83742CA7DEF00',X'01A1FEB053A970009C91C0AD52143700',2,'acme','acme http://127.0.0.1:26645','["live","orchestrator","delivered",1795274331103502,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-53a9-7000-9c91-c0ad52143700","status":"delivered","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795274331103502,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEB06D2D7000A74300C1F2CE8100',X'01A1FEB06D26700089B57459FAB4AF00',1,'acme','acme http://127.0.0.1:26645','["live","orchestrator","sent",1795274337581426,"http://127.0.0.1:26645/hooks",{"message_id":"01a1feb0-6d26-7000-89b5-7459fab4af00","status":"sent","reason":null,"recipient":"+447700901700","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795274337581426,0,NULL,NULL,NULL);
CREATE INDEX messages_by_account ON messages (account, env, id);
CREATE INDEX messages_waiting ON messages (operator, priority, next_at, id)
    WHERE next_at IS NOT NULL AND owner IS NULL;
CREATE INDEX messages_waiting_by_id ON messages (operator, id) WHERE next_at IS NOT NULL AND owner IS NULL;
CREATE INDEX messages_open ON messages (expires_at) WHERE final_at IS NULL;
CREATE INDEX messages_in_doubt ON messages (recipient) WHERE in_doubt > 0;
CREATE INDEX parts_in_doubt ON parts (recipient) WHERE state = 1;
CREATE INDEX carrier_refs_parked ON carrier_refs (operator, destination) WHERE receipts IS NOT NULL;
CREATE INDEX webhooks_open ON webhooks (subject, seq) WHERE state < 2;
CREATE INDEX webhooks_pending ON webhooks (destination, next_at, id) WHERE state = 0;
CREATE INDEX webhooks_dead ON webhooks (id) WHERE state = 3;
CREATE INDEX suppressions_by_account ON suppressions (account, created_at);
CREATE INDEX suppressions_by_time ON suppressions (created_at);
CREATE INDEX keys_by_account ON keys (account);
CREATE INDEX inbound_by_account ON inbound (account, id);
CREATE INDEX inbound_parts_waiting ON inbound_parts (operator, sender, recipient, concat_ref, total, part)
    WHERE joined = 0;
CREATE INDEX inbound_parts_unanswered ON inbound_parts (operator, fingerprint) WHERE answered = 0;
CREATE INDEX commands_new ON commands (number) WHERE taken_by IS NULL;
CREATE INDEX inbound_by_sender ON inbound (sender, id);
CREATE INDEX inbound_parts_by_sender ON inbound_parts (sender);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('processes',1);
INSERT INTO "sqlite_sequence" VALUES('messages',17);
INSERT INTO "sqlite_sequence" VALUES('idempotency',13);
INSERT INTO "sqlite_sequence" VALUES('commands',3);
COMMIT;
