"""Chinese of what the options of all commands say, by the English; a test holds that none is missing."""

from __future__ import annotations

OPTIONS: dict[str, str] = {
    "with the fields of their texts: GS1, AAMVA, boarding passes": "同时给出内容中的各项：GS1、AAMVA、登机牌",
    "table of answers, .xlsx or .csv; file of --export": "答案表格，.xlsx 或 .csv；--export 的文件",
    "list the zones of a form": "列出一种表单的区域",
    "one JSON object a page": "每页一个 JSON 对象",
    "keep FILE as the sample of a form of this name": "把 FILE 存为此名称表单的样张",
    "zones of the sample, for --teach": "样张的区域，供 --teach 使用",
    "list the forms": "列出表单",
    "print a form as one JSON, its picture within": "把表单连同图片输出为一个 JSON",
    "keep an exported form": "存入导出的表单",
    "forget a form": "删除表单",
    "folder of the forms": "存放表单的文件夹",
    "read this kind, of %(choices)s; may be repeated (default: all that the interface standard lists, "
    "DataMatrix, PDF417 and Aztec)": (
        "识别这种码，可为 %(choices)s；可重复（默认：接口标准所列的全部，以及 DataMatrix、PDF417 和 Aztec）"
    ),
    "address of the service": "服务的地址",
    "file with the service's token": "存放服务令牌的文件",
    "list demo devices, which need no hardware": "列出演示设备，无需硬件",
    "address to listen on (default 127.0.0.1)": "监听地址（默认 127.0.0.1）",
    "port to listen on (default 8082)": "监听端口（默认 8082）",
    "folder below which pictures are kept": "存放图片的文件夹",
    "configuration in TOML": "TOML 配置文件",
    "let pages of this origin connect, as https://oa.example.cn (may be repeated)": (
        "允许此来源的网页连接，如 https://oa.example.cn（可重复）"
    ),
    "let other users of this computer connect: their pages, and programs that know the token": (
        "允许本机其他用户连接：他们的网页，以及知道令牌的程序"
    ),
    "also serve the pages of another maker's service, on its port (may be repeated)": (
        "同时在其端口上为其他厂商服务的网页工作（可重复）"
    ),
    "share cameras and scanners with programs that scan (eSCL)": "把高拍仪和扫描仪共享给扫描程序（eSCL）",
    "port that they scan at (default 8090)": "共享扫描的端口（默认 8090）",
    "least level that is logged": "记录日志的最低级别",
    "form of the log's lines": "日志行的格式",
    "for this account": "为当前账户",
    "for every account that logs in; for root": "为所有登录的账户；需要 root",
    "stop it, and take it out again": "停止并移除",
    "configuration of the service in TOML": "服务的 TOML 配置文件",
    "port of the service, if it was started with --port": "服务的端口，如启动时用了 --port",
    "folder of decisions of another account's service, for root: /var/lib/gaopai-access": (
        "另一账户的服务存放决定的文件夹，供 root 使用：/var/lib/gaopai-access"
    ),
    "default: that of the terminal": "默认：终端的语言",
    "as https://oa.example.cn, in full": "完整写出，如 https://oa.example.cn",
    "print what was decided": "列出已作的决定",
    "forget what was decided; open connections end": "撤销决定；已有连接会断开",
    "refuse it without asking again; open connections end": "拒绝且不再询问；已有连接会断开",
    "where to keep it": "存放位置",
    "make a token, in place of the one before, and print it": "生成令牌并显示，替换之前的",
    "the whole system's list too; for root": "系统的列表也包括在内；需要 root",
    "every account's browsers; for root": "所有账户的浏览器；需要 root",
    "its authority.pem": "它的 authority.pem",
    "make what is missing, and let browsers trust it": "生成缺少的证书，并让浏览器信任",
    "take it out of every browser, and delete it": "从所有浏览器中移除并删除",
    "print what is there and who trusts it": "列出已有的证书和信任它的浏览器",
    "let browsers trust what another account's service made": "让浏览器信任另一账户的服务生成的证书",
    "one JSON object instead of lines": "输出一个 JSON 对象",
    "list demo devices too": "也列出演示设备",
    "what lies under the camera: a4, a5, letter, id1, or its sides in mm as 240x140 (default: a4)": (
        "摄像头下放的是什么：a4、a5、letter、id1，或以毫米计的边长，如 240x140（默认：a4）"
    ),
    "which camera (default: 0)": "哪个摄像头（默认：0）",
    "forget the camera's scale": "忘记此摄像头的比例",
    "the demo camera too": "也包括演示摄像头",
    "one JSON object instead of a sentence": "输出一个 JSON 对象",
    "port, where the service was given one": "端口，如服务另行指定",
    "Show the shared devices of the service that runs, and their addresses.": "列出正在共享的设备及其地址",
    "do what packages do when installed; asks first": "像安装包那样修复；先询问",
    "take out again what --fix put in; asks first": "撤销 --fix 所做的；先询问",
    "exit code 1 also for what the service runs without": "缺少可选部分时退出码也为 1",
    "ask nothing before --fix or --undo": "--fix、--undo 前不询问",
    "picture files or folders": "图片或文件夹",
    "one JSON object a file": "每个文件一个 JSON 对象",
    "picture files, PDFs or folders": "图片、PDF 或文件夹",
    "folder to write to": "结果所在的文件夹",
    "what becomes of the desk: one document is cut out, several, a bent page, or this rectangle": (
        "裁边：不裁、一份文件、多份文件、弯曲的书页，或给定的矩形"
    ),
    "what to do with documents that are found and not trusted": "没有把握的文件：保留整图，或照样裁切",
    "what the paper is made to look like": "图片类型：原图、灰度、黑白、彩色、红章、蓝章、照片、小票、自动",
    "straighten the lines of text": "把文字行摆正",
    "turn by quarters until text stands upright": "按 90 度旋转，直到文字朝上",
    "what missing corners become": "缺角补成什么：不补、白色、周围颜色",
    "what is taken off the page": "去除：手指、装订孔、背面透字",
    "degrees clockwise": "顺时针角度",
    "format of the results": "结果的格式",
    "cover in each page: id, bank, phone, name, address, portrait": (
        "遮盖每页中的：证件号 id、银行卡号 bank、电话 phone、姓名 name、地址 address、头像 portrait"
    ),
    "small pdf: print as it is, paper and pictures in fewer bytes": (
        "小 PDF：文字清晰如初，纸面和图片用更少的字节"
    ),
    "of jpg, webp and pdf; default: 92": "jpg、webp、pdf 的质量；默认：92",
    "limit of each file, with --join of all pages together": "每个文件的字节上限；与 --join 同用时为全部页",
    "resolution to be stated": "写入文件的分辨率",
    "colours of the results": "结果的颜色",
    "text over each picture, drawn last": "最后画在每张图片上的文字",
    "from the top left, row by row": "位置：从左上角起逐行编号，或铺满",
    "counter-clockwise": "逆时针角度",
    "from unseen to solid": "不透明度，0 不可见，1 实心",
    "of the shorter side": "占短边的百分比",
    "colour of the text": "文字颜色",
    "add date and time in a line": "加一行日期和时间",
    "font of the watermark and the stamp": "水印和印章的字体文件",
    "picture or pdf laid over each page; its white is no ink": "盖在每页上的图片或 PDF，白色处不盖印",
    "text in a frame laid over each page; {date} and {time} are those of today": (
        "盖在每页上的带框文字，{date} 和 {time} 为今天的日期和时间"
    ),
    "width of the stamp": "印章宽度，毫米",
    "colour of its text": "印章文字的颜色",
    "pdf to ISO 19005, not certified": "符合 ISO 19005 的 pdf，未经认证",
    "read the text: searchable pdf, or a txt beside each picture": "识别文字：可搜索的 pdf，或旁边一个 txt",
    "all pages of a file in one tif or pdf; gaopai merge joins several files": (
        "一个文件的所有页合成一个 tif 或 pdf；多个文件用 gaopai merge 合并"
    ),
    "processes; default: all cores": "进程数；默认：全部核心",
    "work on a Dask cluster, such as tcp://host:8786": "在 Dask 集群上处理，如 tcp://host:8786",
    "do again what an earlier run has done": "之前处理过的也重新处理",
    "print one JSON object a file": "每个文件输出一个 JSON 对象",
    "form of the results": "结果的形式",
    "pictures, PDFs, or folders of them, in order": "图片、PDF 或其文件夹，按此顺序",
    "one pdf or tif": "一个 pdf 或 tif",
    "replace OUT if it exists": "OUT 已存在时替换",
    "pictures, PDFs or folders": "图片、PDF 或文件夹",
    "each picture is one document, edge to edge": "每张图片就是一份证件，没有边框",
    "read the sheet that a photograph shows, set straight": "先把照片中的纸张裁出摆正再识别",
    "the cells of tables, too": "连同表格的单元格",
    "threads to read with (default 2)": "识别的线程数（默认 2）",
    "a picture or a template": "图片或模板",
    "similarity of a match (default: %(default)s)": "视为一致的相似度（默认：%(default)s）",
    "dots an inch of pictures (default: %(default)g)": "图片的分辨率，每英寸点数（默认：%(default)g）",
    "one JSON object instead of a line": "输出一个 JSON 对象",
    "whether two prints are of one finger": "两枚指纹是否同一手指",
    "a picture of one face": "一张人脸图片",
    "JSON, one object a line": "JSON，每行一个对象",
    "a picture, or a folder of them": "图片，或图片文件夹",
    "score of a living face (default: %(default)s)": "视为活体的分数（默认：%(default)s）",
    "pairs of pictures, each in colour and then in infrared; without any a plugged pair is used": (
        "成对的图片，先彩色后红外；不给出时使用已接入的一对摄像头"
    ),
    "which pair (default: 0)": "哪一对（默认：0）",
    "looks at the person (default: %(default)s)": "看人的次数（默认：%(default)s）",
    "the demo pair too": "也包括演示的一对",
    "one JSON object instead of TOML": "输出一个 JSON 对象，而不是 TOML",
    "whether two pictures show one person": "两张图片是否同一人",
    "whether the faces of each picture are alive, not printed or shown": "人脸是否活体，而非打印或屏幕",
    "calibrate an infrared camera with its colour camera, and print the configuration": (
        "校准红外摄像头与彩色摄像头，并输出配置"
    ),
    "one model or one role alone": "只针对一个模型或一种用途",
    "accept the terms of a model that has some; without it they are shown and asked about": (
        "接受模型的条款；不加时会显示并询问"
    ),
    "what each model is for, and which of them are here and in use": "每个模型的用途，哪些已有、在用",
    "check the files; 1 when a role has none or a file is another one": "检查文件；缺少或不符时退出码为 1",
    "download a model for each role that has none": "为缺少模型的用途下载",
    "copy models from a folder, for machines without a network": "从文件夹导入模型，供没有网络的电脑",
    "a PDF is signed inside, else beside": "PDF 在文件内签名，其他文件在旁边",
    "PDF, or signature": "PDF，或签名文件",
    "content credentials in a JPEG, of the record beside it if any": "JPEG 中的内容凭证，有记录时一并写入",
    "PEM or PKCS#12; without one this machine's own key": "PEM 或 PKCS#12；不给出时用本机自己的密钥",
    "password of the key, or PIN of the token": "密钥的密码，或令牌的 PIN",
    "server of time stamps (RFC 3161)": "时间戳服务器（RFC 3161）",
    "configuration with a table [archive]": "含有 [archive] 表的配置",
    "a signature is found beside it": "会在旁边寻找签名文件",
    "trusted certificates and CRLs in PEM": "受信任的证书和吊销列表，PEM 格式",
    "where it lies": "所在位置",
    "configuration that says where it lies": "说明其位置的配置",
    "a hash noted before: it must be that of a line, or before the first": "先前记下的哈希，须在记录之中",
    "Follow the chain of hashes through all files of an audit trail.": "沿哈希链检查审计记录的所有文件",
    "files to send": "要发送的文件",
    "name of the target, of [targets.NAME]": "目标的名称，即 [targets.NAME] 中的",
    "folder to write to; made if missing": "写入的文件夹；没有时建立",
    "Write the protocol as JSON Schema, AsyncAPI, TypeScript types and a reference.": (
        "把接口导出为 JSON Schema、AsyncAPI、TypeScript 类型和参考文档"
    ),
}
