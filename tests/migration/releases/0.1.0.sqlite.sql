BEGIN TRANSACTION;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "accounts" VALUES('acme','{"name":"acme","created_at":1795277282157213,"live":{"webhook_url":"http://127.0.0.1:29917/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":"http://127.0.0.1:29917/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["0182e96a3bd41fcf933c6936f43dec051be59fd69d8f382567ec09d44c9b9c00cd258a95fe8db28ea299653ba970b6a3fed6dfd396"],"old_secret_until":null,"disabled":false}');
INSERT INTO "accounts" VALUES('other','{"name":"other","created_at":1795277284699345,"live":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["019a254c93653f60ac7f1ceb183964e61ff9127c832310f0f6a1cf505f583b822fde76e3d1ff3c9aa5e43e365607fc48dca8b1918f"],"old_secret_until":null,"disabled":false}');
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
INSERT INTO "carrier_refs" VALUES('alpha','0000000001','+447700901100',X'01A1FEDDE0E570009C303BF63D91C100',1,1,'+447700900999',1795277316339640,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000002','+447700901101',X'01A1FEDDE1097000B4C4BF9453D87600',1,1,'+447700900999',1795277316369910,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000003','+447700901200',X'01A1FEDDE1A47000841D8C762ECB2E00',1,1,'+447700900999',1795277316530495,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000004','+447700901200',X'01A1FEDDE1A47000841D8C762ECB2E00',1,2,'+447700900999',1795277316531061,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000005','erased:f73bd1ec68bb8ede188115b87d025df6',X'01A1FEDDE25E7000938EC69C48680E00',1,1,'+447700900999',1795277316729320,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000006','+447700900888',X'01A1FEDDE2D47002A95C50B1A6880500',1,1,'+447700900999',1795277316841529,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000007','+447700901400',X'01A1FEDDEF1B7000A76607ACF1A9AC00',1,1,'+447700900999',1795277319985404,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000008','+447700901500',X'01A1FEDDFA987000934B9FBEF104B300',1,1,'+447700900999',1795277322929116,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000009','+447700901600',X'01A1FEDDFAF87000879A99C5B784D100',1,1,'+447700900999',1795277323013006,NULL);
INSERT INTO "carrier_refs" VALUES('alpha','0000000010','+447700901700',X'01A1FEDE15997000A563335B30833700',1,1,'+447700900999',1795277329827176,NULL);
INSERT INTO "carrier_refs" VALUES('beta','0000005000','+447700901103',X'01A1FEDDE1747000987FC284474BA400',2,1,'+447700900999',1795277316476293,NULL);
INSERT INTO "carrier_refs" VALUES('beta','777777','+33700900555',NULL,NULL,NULL,'+447700900999',1795277319940990,'[["beta","777777","+447700900999","+33700900555",3,null,"DELIVRD err:000",1795277319940990,null]]');
INSERT INTO "carrier_refs" VALUES('simulated','sim-01a1fedd-e25d-7000-8a6d-52a4b60c0d00','+447700901300',X'01A1FEDDE2587000AAC74C3C1F8B4200',1,1,'+447700900999',1795277316701814,NULL);
CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    verb TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken_by INTEGER,
    taken_at INTEGER
);
INSERT INTO "commands" VALUES(1,'settle','',1795277319120047,1,1795277319412002);
INSERT INTO "commands" VALUES(2,'pause','beta',1795277325676402,1,1795277326061628);
INSERT INTO "commands" VALUES(3,'resume','beta',1795277328873835,1,1795277329172762);
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
INSERT INTO "idempotency" VALUES(1,X'C514DCF3C1D34939F3804D82290D075907A18BCFEBC12EBD8DAC826DACB0D050','POST','/v1/sms/send',X'B734ADCC6968AB434D259DA78D0615B6BB64D360738467B70D55B7A0BBC184C3','[["01a1fedde0e570009c303bf63d91c100","queued",1,1795277316325071]]',1795277316325071);
INSERT INTO "idempotency" VALUES(2,X'9A0A545D7A6A2366DADBECDC7B55F41212BACF9D0E73D4BF2A66866F971B1BEC','POST','/v1/sms/send',X'AF52766620822F3D723C4A03502659218DBA71C515B3407AFCCB506EE9CFD347','[["01a1fedde1097000b4c4bf9453d87600","queued",1,1795277316361435]]',1795277316361435);
INSERT INTO "idempotency" VALUES(3,X'22FEABAFB55446ABBDC69319BB8218646AAC2B8C185356800E460951D376C064','POST','/v1/sms/send',X'E3CB520281777F9A761A5BA713692EC33418D9CD708570B667C47F1906541A81','[["01a1fedde14e700093e13b8a757c4d00","queued",1,1795277316430412]]',1795277316430412);
INSERT INTO "idempotency" VALUES(4,X'85E8FA7BE865FB764F126613099E1F1C3B93AFA209CFDA9A4DF5FCE3C3DC5AB0','POST','/v1/sms/send',X'BF90E785CE6FCB275A3B847F86386C9FBFB5BA8AFCFE3054D97C1E61105B7B96','[["01a1fedde1747000987fc284474ba400","queued",1,1795277316468949]]',1795277316468949);
INSERT INTO "idempotency" VALUES(5,X'707115D6076BAB666B053D756F1BC9A778FFFD4794E332CCD7563A0511587852','POST','/v1/sms/send',X'3B6156A6B18D0BB487F8D10915AA3205FE05F4A19721A3E9423DD3592342FB30','[["01a1fedde1a47000841d8c762ecb2e00","queued",2,1795277316516093]]',1795277316516093);
INSERT INTO "idempotency" VALUES(6,X'8FB4B903C2F6131582E8A87AED27076B83E0DE34C201CF2CD998AFF358562A7F','POST','/v1/sms/send',X'AB85DEE03B0482357CB50BE12E7D4B869ABF31212028634D9DE14A6D2B538454','[["01a1fedde25e7000938ec69c48680e00","queued",1,1795277316702993]]',1795277316702993);
INSERT INTO "idempotency" VALUES(7,X'A857E79CAC2CCA23831B2FDB1D52D530167E03C276487F34A00304565710C3BA','POST','/v1/sms/send',X'9DA16A619A83A59883BE7C366C1C2B2ED6AAC1E25548133A9C58F7EC673135F9','[["01a1feddef1b7000a76607acf1a9ac00","queued",1,1795277319963815]]',1795277319963815);
INSERT INTO "idempotency" VALUES(8,X'97ED9E3AE30B9E4FA2F1AE089D0FD6D6BD673F946B2BA0DCC019C702C585C566','POST','/v1/sms/send',X'FF0C7DB6A1D238F56FB34DB67748CC148F4E6510CA96F22127F28C4DE651E564','[["01a1feddfa987000934b9fbef104b300","queued",1,1795277322904159]]',1795277322904159);
INSERT INTO "idempotency" VALUES(9,X'73CEC243B499BF5D925237058C4D887E7BCDF58B75449DDBE0534A6630668956','POST','/v1/sms/send',X'DD6E2D706AE2734FB961BCEFC31F58D7BFAED516E6F9FC645CFE684EC9D04DE4','[["01a1feddfaf87000879a99c5b784d100","queued",1,1795277323000388]]',1795277323000388);
INSERT INTO "idempotency" VALUES(10,X'3E6147C0455C7D9A9B985BDED2E3DC676DAC412CEDA5BE986C49424B5E7767AC','POST','/v1/sms/send',X'ECBB489A53B6579F8B7AC9442E6F35D753EC65A104CC07E8DD0E502BCE69BC3C','[["01a1fede158a7000b259dde65e9b5700","queued",1,1795277329802091]]',1795277329802091);
INSERT INTO "idempotency" VALUES(11,X'187BE6E2679D2F56DE50A73551CD3CC35BB759A16476A5C65DEDC1ECD702BB84','POST','/v1/sms/send',X'D6D9DE76C59199610C25750425B794F2FAD5C0E1C810798B432193E7C3E7BEFD','[["01a1fede15997000a563335b30833700","queued",1,1795277329817979]]',1795277329817979);
INSERT INTO "idempotency" VALUES(12,X'00F9E8A6F2B3E55C7DAF77F742D3D8B5E0A15D89114D8C43CE4793EF6EC41DAF','POST','/v1/sms/send',X'AC6F24FD6E65B8C46C474BBB18E9A322428643F7697A4D0DDC0193421ED04459','[["01a1fede15ba7000907910eac2e3cb00","queued",1,1795277329850574]]',1795277329850574);
INSERT INTO "idempotency" VALUES(13,X'5A492145DE4147BEEC120E9E255DECBB34B4EDCA6CF0CED1C9C7F43B26035E75','POST','/v1/sms/send',X'7EF7DD02B24DBC9425E0DAA8FD911DC7644CD2597F170F315E7E97CE1ADBE5EF','[["01a1fede20f37000ad32b70381442300","queued",1,1795277332723914]]',1795277332723914);
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
INSERT INTO "inbound" VALUES(X'01A1FEDDE2BB7000889E76B585AC3400','alpha','erased:f73bd1ec68bb8ede188115b87d025df6','+447700900999','',1795277316794689,'acme','live','',NULL,NULL,X'01A1FEDDE25E7000938EC69C48680E00');
INSERT INTO "inbound" VALUES(X'01A1FEDDE2D470009E18687F6DE33200','alpha','+447700900888','+447700900999','STOP',1795277316815815,'acme','live','','STOP','stop',NULL);
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
INSERT INTO "inbound_parts" VALUES(1,'alpha','erased:f73bd1ec68bb8ede188115b87d025df6','+447700900999',NULL,1,1,'',NULL,1795277316794689,X'',1,1);
INSERT INTO "inbound_parts" VALUES(2,'alpha','+447700900888','+447700900999',NULL,1,1,'',NULL,1795277316815815,X'1B9C36F8D95CF9B26D25A789F40E871E',1,1);
INSERT INTO "inbound_parts" VALUES(3,'alpha','+447700900666','+447700900999',42,2,1,'The first half',NULL,1795277316838068,X'5A9D961563E3CC7220FF6BDB362B1A24',0,1);
CREATE TABLE keys (
    digest BLOB PRIMARY KEY,
    key_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
INSERT INTO "keys" VALUES(X'179147CA79294D6BF4AD8492A4862BD83E5C87DDED716168DB4B8C56AF5B29A5','key_447fee1ca25d3f77','other','{"key_id":"key_447fee1ca25d3f77","digest":"179147ca79294d6bf4ad8492a4862bd83e5c87dded716168db4b8c56af5b29a5","account":"other","env":"live","scopes":["read:messages","send:sms"],"created_at":1795277295682515,"expires_at":null,"revoked_at":null,"allow_from":["127.0.0.0/8"],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'4CD13C2E1D45FD81639D5B86F7D0203B1E19C2D08225F2B4AC7AD87602AB5118','key_1f0cb8bff5078594','acme','{"key_id":"key_1f0cb8bff5078594","digest":"4cd13c2e1d45fd81639d5b86f7d0203b1e19c2d08225f2b4ac7ad87602ab5118","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795277290317064,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'77E4C5DBEDC2A561859331C103FC41369287134FC947A5D5399E58C758D801A2','key_b3f94489c45fc30f','acme','{"key_id":"key_b3f94489c45fc30f","digest":"77e4c5dbedc2a561859331c103fc41369287134fc947a5d5399e58c758d801a2","account":"acme","env":"live","scopes":["admin","read:messages"],"created_at":1795277300826154,"expires_at":null,"revoked_at":null,"allow_from":[],"member":"ann","sub_tenant":null}');
INSERT INTO "keys" VALUES(X'C2222A249A636FA5EFF059698FA673D6235C8A4BC8016C2F99D0584FEE805A20','key_056c6f8330053aec','acme','{"key_id":"key_056c6f8330053aec","digest":"c2222a249a636fa5eff059698fa673d6235c8a4bc8016c2f99d0584fee805a20","account":"acme","env":"test","scopes":["read:messages","send:sms"],"created_at":1795277293126935,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}');
INSERT INTO "keys" VALUES(X'C9747C7832387600E62331E0341570B75149F5F420E1BAB3874A323EC128D797','key_390dc2474c73f789','acme','{"key_id":"key_390dc2474c73f789","digest":"c9747c7832387600e62331e0341570b75149f5f420e1bab3874a323ec128d797","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795277298293010,"expires_at":null,"revoked_at":1795277303394785,"allow_from":[],"member":null,"sub_tenant":null}');
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
INSERT INTO "messages" VALUES(1,X'01A1FEDDE0E570009C303BF63D91C100','acme','live','+447700900999','+447700901100','',1,1795277316325071,1795536516325071,'["orchestrator","This one is delivered",1,null,0,null,"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","key_1f0cb8bff5078594","req_01M7ZDVR717GFW84X6AQYDG3G4",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795277316345428,0,'[null,"all",1,1,[],1,1,false,1,1795277316339640,null,2,[[1,1,"alpha",3,"0000000001",null,1795277316339640,1795277316345428,null,null]]]');
INSERT INTO "messages" VALUES(2,X'01A1FEDDE1097000B4C4BF9453D87600','acme','live','+447700900999','+447700901101','',1,1795277316361435,1795536516361435,'["orchestrator","This one is undelivered",1,null,0,null,"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","key_1f0cb8bff5078594","req_01M7ZDVR89HS7Z3HPP6XGZM53B",null,null,false,null,null]','failed','alpha',NULL,NULL,1795277316412809,0,'["carrier_error","all",1,1,[],1,1,false,1,1795277316369910,["carrier_error","receipt: UNDELIV err:001","UNDELIV err:001",1795277316412809],2,[[1,1,"alpha",5,"0000000002","UNDELIV err:001",1795277316369910,1795277316412809,null,null]]]');
INSERT INTO "messages" VALUES(3,X'01A1FEDDE14E700093E13B8A757C4D00','acme','live','+447700900999','+447700901102','',1,1795277316430412,1795536516430412,'["orchestrator","This one is refused",1,null,0,null,"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","key_1f0cb8bff5078594","req_01M7ZDVRAEQX2YD9G18923YP0C",null,null,false,null,null]','undeliverable','alpha',NULL,NULL,1795277316446412,0,'["invalid_number","all",1,1,[],1,1,false,1,1795277316446412,["invalid_number","refused by alpha: ESME_RINVDSTADR","ESME_RINVDSTADR",1795277316446412],1,[[1,1,"alpha",6,null,"ESME_RINVDSTADR",1795277316446412,null,null,null]]]');
INSERT INTO "messages" VALUES(4,X'01A1FEDDE1747000987FC284474BA400','acme','live','+447700900999','+447700901103','',1,1795277316468949,1795536516468949,'["orchestrator","This one is second",1,null,0,null,"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","key_1f0cb8bff5078594","req_01M7ZDVRBMM6NKZTVN2EEKD4NW",null,null,false,null,null]','delivered','beta',NULL,NULL,1795277316491847,0,'[null,"all",2,1,["alpha"],2,1,false,1,1795277316471756,["carrier_error","ESME_RINVMSGLEN","ESME_RINVMSGLEN",1795277316471756],2,[[2,1,"beta",3,"0000005000",null,1795277316476293,1795277316491847,null,null]]]');
INSERT INTO "messages" VALUES(5,X'01A1FEDDE1A47000841D8C762ECB2E00','acme','live','+447700900999','+447700901200','',1,1795277316516093,1795536516516093,'["orchestrator","All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. ",2,null,64375,null,null,"key_1f0cb8bff5078594","req_01M7ZDVRD3MCCX9SQ35QN3YRH6",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795277316536755,0,'[null,"all",1,1,[],1,2,false,1,1795277316530495,null,2,[[1,1,"alpha",3,"0000000003",null,1795277316530495,1795277316536697,null,null],[1,2,"alpha",3,"0000000004",null,1795277316531061,1795277316536755,null,null]]]');
INSERT INTO "messages" VALUES(6,X'01A1FEDDE2587000AAC74C3C1F8B4200','acme','test','+447700900999','+447700901300','',1,1795277316696363,1795536516696363,'["orchestrator","Your code is 123456",1,null,0,null,null,"key_056c6f8330053aec","req_01M7ZDVRJQHM0ER1FBC0WKP126",null,null,false,null,null]','delivered','simulated',NULL,NULL,1795277317204668,0,'[null,"test",1,1,[],1,1,false,1,1795277316701814,null,2,[[1,1,"simulated",3,"sim-01a1fedd-e25d-7000-8a6d-52a4b60c0d00",null,1795277316701814,1795277317204668,null,null]]]');
INSERT INTO "messages" VALUES(7,X'01A1FEDDE25E7000938EC69C48680E00','acme','live','+447700900999','erased:f73bd1ec68bb8ede188115b87d025df6','',1,1795277316702993,1795536516702993,'["orchestrator","",1,null,0,null,null,"key_1f0cb8bff5078594","req_01M7ZDVRJYPNT2XA505WYCKBRX",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795277316773150,0,'[null,"all",1,1,[],1,1,false,1,1795277316729320,null,2,[[1,1,"alpha",3,"0000000005",null,1795277316729320,1795277316773150,null,null]]]');
INSERT INTO "messages" VALUES(8,X'01A1FEDDE2D47002A95C50B1A6880500','acme','live','+447700900999','+447700900888','',0,1795277316820915,1795363716820915,'["orchestrator","You are unsubscribed and will get no more messages. Reply START to resubscribe.",1,null,0,null,null,"reply","",null,null,true,null,null]','delivered','alpha',NULL,NULL,1795277316846329,0,'[null,"reply",1,1,[],1,1,false,1,1795277316841529,null,0,[[1,1,"alpha",3,"0000000006",null,1795277316841529,1795277316846329,null,null]]]');
INSERT INTO "messages" VALUES(9,X'01A1FEDDEF1B7000A76607ACF1A9AC00','acme','live','+447700900999','+447700901400','',1,1795277319963815,1795536519963815,'["orchestrator","This one is given_up",1,null,0,"http://127.0.0.1:29917/gone",null,"key_1f0cb8bff5078594","req_01M7ZDVVRVPQYFSAGCBB2KVSFT",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795277320028765,0,'[null,"all",1,1,[],1,1,false,1,1795277319985404,null,2,[[1,1,"alpha",3,"0000000007",null,1795277319985404,1795277320028765,null,null]]]');
INSERT INTO "messages" VALUES(10,X'01A1FEDDFA987000934B9FBEF104B300','acme','live','+447700900999','+447700901500','',1,1795277322904159,1795536522904159,'["orchestrator","This one is tried_again",1,null,0,"http://127.0.0.1:29918/hooks",null,"key_1f0cb8bff5078594","req_01M7ZDVYMN3W8A4WPMYHR7RETX",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795277322973567,0,'[null,"all",1,1,[],1,1,false,1,1795277322929116,null,2,[[1,1,"alpha",3,"0000000008",null,1795277322929116,1795277322973567,null,null]]]');
INSERT INTO "messages" VALUES(11,X'01A1FEDDFAF87000879A99C5B784D100','acme','live','+447700900999','+447700901600','',1,1795277323000388,1795536523000388,'["orchestrator","This one is under_way",1,null,0,null,null,"key_1f0cb8bff5078594","req_01M7ZDVYQRY7WXVH5B2TTZEWVY",null,null,false,null,null]','delivered','alpha',NULL,NULL,1795277323056841,0,'[null,"all",1,1,[],1,1,false,1,1795277323013006,null,2,[[1,1,"alpha",3,"0000000009",null,1795277323013006,1795277323056841,null,null]]]');
INSERT INTO "messages" VALUES(12,X'01A1FEDE158A7000B259DDE65E9B5700','acme','live','+447700900999','+4917009017','',1,1795277329802091,1795536529802091,'["orchestrator","This one is waiting",1,null,0,null,null,"key_1f0cb8bff5078594","req_01M7ZDW5C9WS80NKV7ETSABGG7",null,null,false,null,null]','queued','gamma',NULL,1795277329802091,NULL,0,'[null,"de",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                   ');
INSERT INTO "messages" VALUES(13,X'01A1FEDE15997000A563335B30833700','acme','live','+447700900999','+447700901700','',1,1795277329817979,1795536529817979,'["orchestrator","This one is sent",1,null,0,null,null,"key_1f0cb8bff5078594","req_01M7ZDW5CSZ7JRMFPC37V6RF7W",null,null,false,null,null]','sent','alpha',NULL,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,1795277329827176,null,1,[[1,1,"alpha",2,"0000000010",null,1795277329827176,null,null,null]]]                                     ');
INSERT INTO "messages" VALUES(14,X'01A1FEDE15BA7000907910EAC2E3CB00','acme','live','+447700900999','+447700901800','',1,1795277329850574,1795536529850574,'["orchestrator","This one is in_doubt",1,null,0,null,null,"key_1f0cb8bff5078594","req_01M7ZDW5DTP9CNJVFFXJFRM68X",null,null,false,null,null]','queued','alpha',NULL,1795277629883547,NULL,1,'[null,"all",1,1,[],1,1,true,1,null,null,0,[[1,1,"alpha",1,null,"the link was lost before the answer",1795277329883547,null,null,null]]]                         ');
INSERT INTO "messages" VALUES(15,X'01A1FEDE20F37000AD32B70381442300','acme','live','+447700900999','+447700901900','',1,1795277332723914,1795536532723914,'["orchestrator","This one is in_hand",1,null,0,null,null,"key_1f0cb8bff5078594","req_01M7ZDW87K90492ZR0EVAATTJA",null,null,false,null,null]','queued','alpha',1,NULL,NULL,0,'[null,"all",1,1,[],1,1,false,1,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(16,X'01A1FEDE21327000B8549C6B66768900','acme','live','+447700900999','+447700902000','',1,1795277332786276,1795536532786276,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795279132786276,false,null,null]','scheduled','alpha',NULL,1795279132786276,NULL,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                  ');
INSERT INTO "messages" VALUES(17,X'01A1FEDE213270018FCCEE85478B5C00','acme','live','+447700900999','+447700902000','',1,1795277332786276,1795536532786276,'["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795279132786276,false,null,null]','canceled','alpha',NULL,NULL,1795277332786276,0,'[null,"all",0,0,[],1,0,false,0,null,null,0,[]]');
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
INSERT INTO "numbers" VALUES('+447700900999','','acme','live',1795277306021078);
INSERT INTO "numbers" VALUES('60777','win','other','live',1795277308401060);
CREATE TABLE operator_states (
    operator TEXT NOT NULL,
    process INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    binds TEXT NOT NULL,      -- JSON
    waiting INTEGER NOT NULL,
    in_flight INTEGER NOT NULL, ailing TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (operator, process)
) WITHOUT ROWID;
INSERT INTO "operator_states" VALUES('alpha',1,1795277330744652,'up','[{"bind":0,"state":"bound","since":"2026-11-21T16:08:50+00:00","last_error":"closed by the peer","reconnect_at":null,"window_used":0,"window":100,"message_ids":"as_is"}]',0,0,'[]');
INSERT INTO "operator_states" VALUES('beta',1,1795277330744652,'up','[{"bind":0,"state":"bound","since":"2026-11-21T16:08:36+00:00","last_error":null,"reconnect_at":null,"window_used":0,"window":100,"message_ids":"any"}]',0,0,'[]');
INSERT INTO "operator_states" VALUES('gamma',1,1795277330744652,'down','[{"bind":0,"state":"waiting","since":"2026-11-21T16:08:50+00:00","last_error":"ConnectionRefusedError: [Errno 111] Connection refused","reconnect_at":"2026-11-21T16:08:51+00:00","window_used":0,"window":100,"message_ids":"any"}]',0,0,'[]');
INSERT INTO "operator_states" VALUES('simulated',1,1795277330744652,'up','[]',0,0,'[]');
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
INSERT INTO "parts" VALUES(X'01A1FEDDE1747000987FC284474BA400',1,1,'alpha',6,NULL,'ESME_RINVMSGLEN',1795277316471756,NULL,'+447700900999','+447700901103');
CREATE TABLE processes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    token INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);
INSERT INTO "processes" VALUES(1,1,'c4e87097-d876-4b9b-8e1a-43fcc6f5b56c',9548,1795277315878666);
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
INSERT INTO "recipients" VALUES('erased:f73bd1ec68bb8ede188115b87d025df6','+447700900999',7);
CREATE TABLE schema_migrations (
    name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID
;
INSERT INTO "schema_migrations" VALUES('0001_pre_begin','cab319ffed1f060b29f1b6008027fae724cf81ff5722215909b6583bfa486ed0','2026-11-21 16:08:02');
INSERT INTO "schema_migrations" VALUES('0002_pre_erasure','9e14b93f758a1055a7b7164b72b2784851e5966be8690d7e992598250a92e624','2026-11-21 16:08:02');
INSERT INTO "schema_migrations" VALUES('0003_pre_standings','e0691757c7344e0a478864802c3ae7936a8cfcd717d831767b08e8dc6a7d1069','2026-11-21 16:08:02');
CREATE TABLE suppressions (
    number TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, account, env, sub_tenant)
) WITHOUT ROWID;
INSERT INTO "suppressions" VALUES('+447700900888','acme','live','','stop',1795277316820915);
INSERT INTO "suppressions" VALUES('+447700900999','acme','live','','manual',1795277311001626);
INSERT INTO "suppressions" VALUES('+447700901102','acme','live','','invalid_number',1795277316446412);
INSERT INTO "suppressions" VALUES('erased:f73bd1ec68bb8ede188115b87d025df6','acme','live','','erased',1795277319120047);
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
INSERT INTO "webhooks" VALUES(X'01A1FEDDE0F370009892BC4451E9BB00',X'01A1FEDDE0E570009C303BF63D91C100',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277316339640,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e0e5-7000-9c30-3bf63d91c100","status":"sent","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795277316339640,1,NULL,1795277316343146,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE0F97000926ECBEF261DAB00',X'01A1FEDDE0E570009C303BF63D91C100',2,'acme','acme http://127.0.0.1:29917','["live","orchestrator","delivered",1795277316345428,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e0e5-7000-9c30-3bf63d91c100","status":"delivered","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"delivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795277316345428,1,NULL,1795277316348529,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE1117000B986568315C58D00',X'01A1FEDDE1097000B4C4BF9453D87600',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277316369910,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e109-7000-b4c4-bf9453d87600","status":"sent","reason":null,"recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":null}]',2,NULL,1795277316369910,1,NULL,1795277316373490,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE13C7000AD2FE32C5D2CF900',X'01A1FEDDE1097000B4C4BF9453D87600',2,'acme','acme http://127.0.0.1:29917','["live","orchestrator","failed",1795277316412809,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e109-7000-b4c4-bf9453d87600","status":"failed","reason":"carrier_error","recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"undelivered\",\"name\":\"Zoë 👋\"}","operator_error":"UNDELIV err:001"}]',2,NULL,1795277316412809,1,NULL,1795277316419600,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE15E70008A271DB2AC4E9000',X'01A1FEDDE14E700093E13B8A757C4D00',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","undeliverable",1795277316446412,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e14e-7000-93e1-3b8a757c4d00","status":"undeliverable","reason":"invalid_number","recipient":"+447700901102","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\"order\":\"refused\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVDSTADR"}]',2,NULL,1795277316446412,1,NULL,1795277316448792,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE17C7000B1428137F4C8DA00',X'01A1FEDDE1747000987FC284474BA400',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277316476293,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e174-7000-987f-c284474ba400","status":"sent","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795277316476293,1,NULL,1795277316477989,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE18B7000A60247C2472DA700',X'01A1FEDDE1747000987FC284474BA400',2,'acme','acme http://127.0.0.1:29917','["live","orchestrator","delivered",1795277316491847,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e174-7000-987f-c284474ba400","status":"delivered","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\"order\":\"second\",\"name\":\"Zoë 👋\"}","operator_error":"ESME_RINVMSGLEN"}]',2,NULL,1795277316491847,1,NULL,1795277316494591,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE1B37000854A149270F34F00',X'01A1FEDDE1A47000841D8C762ECB2E00',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277316531061,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e1a4-7000-841d-8c762ecb2e00","status":"sent","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795277316531061,1,NULL,1795277316561841,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE1B370019AE4AD399D678E00',X'01A1FEDDE1A47000841D8C762ECB2E00',2,'acme','acme http://127.0.0.1:29917','["live","orchestrator","delivered",1795277316531061,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e1a4-7000-841d-8c762ecb2e00","status":"delivered","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795277316531061,1,NULL,1795277316677416,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE25D7001B166D68C831F8200',X'01A1FEDDE2587000AAC74C3C1F8B4200',1,'acme','acme http://127.0.0.1:29917','["test","orchestrator","sent",1795277316701814,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e258-7000-aac7-4c3c1f8b4200","status":"sent","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795277316701814,1,NULL,1795277316713072,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE2797000B412C63B28A48E00',X'01A1FEDDE25E7000938EC69C48680E00',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277316729320,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e25e-7000-938e-c69c48680e00","status":"sent","reason":null,"recipient":"erased:f73bd1ec68bb8ede188115b87d025df6","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795277316729320,1,NULL,1795277316743969,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE2A5700086007394F649BE00',X'01A1FEDDE25E7000938EC69C48680E00',2,'acme','acme http://127.0.0.1:29917','["live","orchestrator","delivered",1795277316773150,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e25e-7000-938e-c69c48680e00","status":"delivered","reason":null,"recipient":"erased:f73bd1ec68bb8ede188115b87d025df6","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795277316773150,1,NULL,1795277316786656,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE2BB700199763FA318E2F500',X'01A1FEDDE2BB7000889E76B585AC3400',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","inbound",1795277316795939,"http://127.0.0.1:29917/hooks",{"inbound_id":"01a1fedd-e2bb-7000-889e-76b585ac3400","sender":"erased:f73bd1ec68bb8ede188115b87d025df6","recipient":"+447700900999","body":"","keyword":null,"action":null,"operator":"alpha","reply_to":"01a1fedd-e25e-7000-938e-c69c48680e00","metadata":null}]',2,NULL,1795277316795939,1,NULL,1795277316802270,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE2D470018D012EC51F6BB600',X'01A1FEDDE2D470009E18687F6DE33200',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","inbound",1795277316820915,"http://127.0.0.1:29917/hooks",{"inbound_id":"01a1fedd-e2d4-7000-9e18-687f6de33200","sender":"+447700900888","recipient":"+447700900999","body":"STOP","keyword":"STOP","action":"stop","operator":"alpha","reply_to":null,"metadata":null}]',2,NULL,1795277316820915,1,NULL,1795277316828393,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDE45470009A924EDB8A7A5C00',X'01A1FEDDE2587000AAC74C3C1F8B4200',2,'acme','acme http://127.0.0.1:29917','["test","orchestrator","delivered",1795277317204668,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-e258-7000-aac7-4c3c1f8b4200","status":"delivered","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]',2,NULL,1795277317204668,1,NULL,1795277317238419,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDEF317000B441ED8ECAA0B200',X'01A1FEDDEF1B7000A76607ACF1A9AC00',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277319985404,"http://127.0.0.1:29917/gone",{"message_id":"01a1fedd-ef1b-7000-a766-07acf1a9ac00","status":"sent","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795277319985404,1,X'7B226964223A2230316131666564642D656633312D373030302D623434312D656438656361613062323030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431363A30383A33392E3938355A222C2264617461223A7B226D6573736167654964223A2230316131666564642D656631622D373030302D613736362D303761636631613961633030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795277319993494,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEDDEF5C7000A67EB256181E8200',X'01A1FEDDEF1B7000A76607ACF1A9AC00',2,'acme','acme http://127.0.0.1:29917','["live","orchestrator","delivered",1795277320028765,"http://127.0.0.1:29917/gone",{"message_id":"01a1fedd-ef1b-7000-a766-07acf1a9ac00","status":"delivered","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',3,NULL,1795277320028765,1,X'7B226964223A2230316131666564642D656635632D373030302D613637652D623235363138316538323030222C2274797065223A226D6573736167652E64656C697665726564222C226F636375727265644174223A22323032362D31312D32315431363A30383A34302E3032385A222C2264617461223A7B226D6573736167654964223A2230316131666564642D656631622D373030302D613736362D303761636631613961633030222C22737461747573223A2244454C495645524544222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031343030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',1795277320060415,'410: ');
INSERT INTO "webhooks" VALUES(X'01A1FEDDFAB17000A980CA84D14C6800',X'01A1FEDDFA987000934B9FBEF104B300',1,'acme','acme http://127.0.0.1:29918','["live","orchestrator","sent",1795277322929116,"http://127.0.0.1:29918/hooks",{"message_id":"01a1fedd-fa98-7000-934b-9fbef104b300","status":"sent","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795277357957378,2,X'7B226964223A2230316131666564642D666162312D373030302D613938302D636138346431346336383030222C2274797065223A226D6573736167652E73656E74222C226F636375727265644174223A22323032362D31312D32315431363A30383A34322E3932395A222C2264617461223A7B226D6573736167654964223A2230316131666564642D666139382D373030302D393334622D396662656631303462333030222C22737461747573223A2253454E54222C22726561736F6E223A6E756C6C2C22746F223A222B343437373030393031353030222C2266726F6D223A222B343437373030393030393939222C227365676D656E74436F756E74223A312C226F70657261746F724964223A22616C706861222C22726F7574654964223A22616C6C222C22617474656D7074436F756E74223A312C226F70657261746F724572726F72223A6E756C6C2C226D65746164617461223A7B7D7D7D',NULL,'no connection to http://127.0.0.1:29918: Connection refused');
INSERT INTO "webhooks" VALUES(X'01A1FEDDFADD70009B637316B52FF200',X'01A1FEDDFA987000934B9FBEF104B300',2,'acme','acme http://127.0.0.1:29918','["live","orchestrator","delivered",1795277322973567,"http://127.0.0.1:29918/hooks",{"message_id":"01a1fedd-fa98-7000-934b-9fbef104b300","status":"delivered","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795277357957378,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDFB057000AB9414B94E760800',X'01A1FEDDFAF87000879A99C5B784D100',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277323013006,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-faf8-7000-879a-99c5b784d100","status":"sent","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795277323013006,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDDFB3070008081F4065E5A1100',X'01A1FEDDFAF87000879A99C5B784D100',2,'acme','acme http://127.0.0.1:29917','["live","orchestrator","delivered",1795277323056841,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fedd-faf8-7000-879a-99c5b784d100","status":"delivered","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',0,NULL,1795277323056841,0,NULL,NULL,NULL);
INSERT INTO "webhooks" VALUES(X'01A1FEDE15A370008D1E0FA93A3EA200',X'01A1FEDE15997000A563335B30833700',1,'acme','acme http://127.0.0.1:29917','["live","orchestrator","sent",1795277329827176,"http://127.0.0.1:29917/hooks",{"message_id":"01a1fede-1599-7000-a563-335b30833700","status":"sent","reason":null,"recipient":"+447700901700","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]',1,1,1795277329827176,0,NULL,NULL,NULL);
CREATE INDEX messages_by_account ON messages (account, env, id);
CREATE INDEX messages_ended ON messages (account, env, status, id)
    WHERE status IN ('undeliverable', 'failed', 'canceled');
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
