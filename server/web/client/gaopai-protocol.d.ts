// Generated from the protocol's declarations by `gaopai protocol export`. Do not edit.

/** What every answer but a preview frame carries. / 除视频帧外每条应答都有的字段。 */
export interface Envelope {
  func: string;
  functionName: string;
  /** The request's reqId, unchanged. / 与请求的 reqId 相同。 */
  reqId: unknown;
  /** 0, or an error code. / 0 为成功，其他为错误码。 */
  result: 0 | ErrorCode;
  success: 0 | 1;
  /** Only when result is not 0. / 仅在 result 不为 0 时。 */
  errorMsg?: string;
  /** Keys of the request that resemble a known one and were ignored. / 请求中与已知的键相似而被忽略的键。 */
  unknown?: string[];
}

/** What a preview frame carries besides its own members. / 视频帧的公共字段。 */
export interface FrameEnvelope {
  func: string;
  reqId: unknown;
}

export interface MediaEntry {
  /** name of the pixel format / 视频格式名称 */
  mediaName: string;
  /** the same as mediaName / 与 mediaName 相同 */
  mediaType: string;
  /** sizes, width x height / 分辨率，宽x高 */
  resolutions: string[];
}

export interface CameraEntry {
  /** the camera's devNum / 设备编号，即 devNum */
  id: number;
  /** name of the device / 设备名称 */
  devName: string;
  /** pixel formats, the best one first / 视频格式，推荐的在前 */
  mediaTypes: MediaEntry[];
}

export interface CameraHolder {
  /** the page's origin; empty for a program / 网页的来源；为空是本机程序 */
  origin: string;
  /** the title that the page gave itself / 网页自己给出的标题 */
  title?: string;
}

export interface DoubtedDocument {
  /** its corners, as crop.corners / 四个角，同 crop.corners */
  corners: number[][];
  /** why it is not trusted, as crop.reason / 不可信的原因，同 crop.reason */
  reason: string;
}

export interface PictureCrop {
  /** cropped; whole: nothing was cut; unsure: an outline was found and not trusted, and the picture is whole: ProcessImage with these corners cuts it / cropped 已裁切，whole 未裁切，unsure 找到了轮廓但不可信，图片未裁切：以 corners 调用 ProcessImage 即可裁切 */
  state: "cropped" | "unsure" | "whole";
  /** corners of what was cut, or is not trusted, [[x,y],...] in pixels of the original, of a preview in those of its picture; the whole picture is from 0, 0 to its width and height. Absent where there are none, or a curved page was flattened / 裁切的或不可信的四个角 [[x,y],...]，原图（预览为该帧图片）的像素，整幅图为 0,0 到宽,高；没有时缺省 */
  corners?: number[][];
  /** why nothing was cut, or why it is not trusted: not asked for; no page was found; print outside of it; a side on bare paper; a printed frame; paper beyond a side; drawn surfaces around it / 未裁切或不可信的原因：not asked for 未要求，no page was found 未找到；print outside of it 外面有文字，a side on bare paper 一边在空白纸上，a printed frame 印刷的边框，paper beyond a side 纸张超出一边，drawn surfaces around it 周围是绘制的平面 */
  reason?: string;
  /** knowledge that the search began with: picture alone; desk, which was seen empty, so that what has come is the document; glass or feeder of a scanner. Absent where no crop was asked for / 查找的依据：picture 仅图片，desk 已知的空桌面（新出现的就是文档），glass 扫描平板，feeder 进纸器；未要求裁切时缺省 */
  prior?: "desk" | "feeder" | "glass" | "picture";
  /** standard format of the sheet that was cut, such as A4, Letter, ID-1, JIS B5 or DL: by its size where the desk is calibrated or a scanner tells it, else by its proportions and the height of its print, A4 and Letter alone. Absent where it has none or is not known / 裁出的纸张的标准规格，如 A4、Letter、ID-1、JIS B5、DL：台面已标定或由扫描仪得知尺寸时按尺寸，否则按比例和文字大小，且仅限 A4 和 Letter；不属于任何规格或不知道时缺省 */
  paper?: string;
  /** further documents that were found and not trusted / 另外找到但不可信的文档 */
  doubted?: DoubtedDocument[];
}

export interface CropRect {
  /** left edge / 左 */
  left: number;
  /** top edge / 上 */
  top: number;
  /** right edge / 右 */
  right: number;
  /** bottom edge / 下 */
  bottom: number;
  /** width, in place of right / 宽，可代替 right */
  width?: number;
  /** height, in place of bottom / 高，可代替 bottom */
  height?: number;
}

export interface ControlEntry {
  /** focus, exposure, gain, whiteBalance, brightness, contrast, saturation, sharpness, zoom, or powerLine, against flicker (0 off, 1 for 50 Hz, 2 for 60 Hz, 3 automatic) / focus 对焦，exposure 曝光，gain 增益，whiteBalance 白平衡，brightness 亮度，contrast 对比度，saturation 饱和度，sharpness 锐度，zoom 变焦，powerLine 电源频率，防闪烁（0 关闭，1 为 50 Hz，2 为 60 Hz，3 自动） */
  control: string;
  /** least value / 最小值 */
  minimum: number;
  /** greatest value / 最大值 */
  maximum: number;
  /** step between values / 步长 */
  step: number;
  /** default value / 默认值 */
  default: number;
  /** present value; null where the device tells none / 当前值；设备不提供时为 null */
  value: number;
  /** true while the camera chooses; null if it cannot / 是否由摄像头自动调节；不支持自动时为 null */
  auto: boolean;
  /** true if `once` adjusts it, as one key for the focus / 是否支持一键调节（如一键对焦） */
  once: boolean;
}

export interface WatermarkOptions {
  /** text, with \n between lines; an empty one for no watermark / 文字，可以有中文，\n 换行；空字符串为不加水印 */
  text?: string;
  /** place: 0 top left to 8 bottom right, row by row; tiled for all over it / 位置：0 左上到 8 右下，逐行；tiled 铺满 */
  position?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | "tiled";
  /** degrees, counter-clockwise / 逆时针角度 */
  angle?: number;
  /** opacity, 0 to 1 / 不透明度，0 到 1 */
  opacity?: number;
  /** height of the letters in percent of the picture's shorter side; less where text does not fit / 字高，占图片短边的百分比；放不下时自动缩小 */
  size?: number;
  /** colour, #rrggbb / 颜色，#rrggbb */
  colour?: string;
  /** whether date and time are added in a line / 是否另起一行加上日期和时间 */
  time?: boolean;
}

export interface ImageInfoRequest {
  /** crop: 0 none, 1 single, 2 multi, 3 curve correction, 4 manual / 裁切：0 不裁切，1 单图，2 多图，3 曲面矫正，4 手动 */
  cropType?: 0 | 1 | 2 | 3 | 4;
  /** rectangle of the manual crop, used with cropType 4 only; {left,top,width,height}, [left,top,right,bottom] and "left,top,right,bottom" are accepted too / 手动裁切的矩形，仅 cropType 为 4 时使用；也接受 {left,top,width,height}、[左,上,右,下] 和 "左,上,右,下" */
  cropRect?: CropRect;
  /** picture: 0 original, 1 grey, 2 black-and-white document, 3 colour document, 4 red-stamp document, 5 blue-stamp document, 6 colour photo, 7 receipt; beyond the standard: 8 automatic (document, card or photograph, see pageKind) / 图像：0 原色，1 灰度，2 黑白文档，3 彩色文档，4 红印文档，5 蓝印文档，6 彩色照片，7 票据增强；标准之外：8 自动（文档、卡片或照片，见 pageKind） */
  imageType?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** border: 0 none, 1 white, 2 surrounding colour / 填充边缘：0 不填充，1 白色，2 周边色 */
  fillBorderType?: 0 | 1 | 2;
  /** removal: 0 none, 1 fingers, 2 punch holes; beyond the standard: 3 what shows through from the back / 去除异物：0 无，1 手指，2 装订孔；标准之外：3 背面透过来的字迹 */
  removalForeign?: 0 | 1 | 2 | 3;
  /** degrees to turn clockwise / 顺时针旋转的角度 */
  rotate?: 0 | 90 | 180 | 270;
  /** beyond the standard: straighten by the lines of text, whatever the crop / 标准之外：任何裁切方式都按文字行纠偏 */
  deskew?: boolean;
  /** beyond the standard: turn captures by quarters until their text stands upright / 标准之外：拍照结果按文字自动转正 */
  upright?: boolean;
}

export interface GlarePlace {
  /** left edge / 左 */
  left: number;
  /** top edge / 上 */
  top: number;
  /** right edge / 右 */
  right: number;
  /** bottom edge / 下 */
  bottom: number;
}

export interface PictureVerdict {
  /** whether none of them reaches 0.5 / 没有任何一项达到 0.5 */
  ok: boolean;
  /** out of focus, or moved / 模糊 */
  blurred: number;
  /** a reflection covers text / 反光 */
  glare: number;
  /** text or page go on beyond the rim / 边缘被截断 */
  cutOff: number;
  /** too dark / 太暗 */
  tooDark: number;
  /** letters too small to be read / 文字太小 */
  tooSmall: number;
  /** where the reflection is / 反光的位置 */
  glarePlace?: GlarePlace;
}

export interface PictureCut {
  /** beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten minutes; absent if none is kept / 标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项 */
  handle?: string;
  /** beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from the result's top left; absent where nothing was cut, or a curved page was flattened / 标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；未裁切或曲面展平时没有此项 */
  corners?: number[][];
  /** beyond the standard: what became of the crop / 标准之外：裁切的结果 */
  crop?: PictureCrop;
}

export interface DocumentFields {
  /** name, of a person or a firm / 姓名、名称 */
  name?: string;
  /** name in Latin letters / 英文姓名 */
  englishName?: string;
  /** 男 or 女; M, F, X in a passport / 性别；护照为 M、F、X */
  gender?: string;
  /** ethnic group / 民族 */
  folk?: string;
  /** date of birth / 出生日期 */
  birth?: string;
  /** address / 住址，住所 */
  address?: string;
  /** number of the resident / 公民身份号码 */
  id?: string;
  /** number of the travel permit / 通行证号码 */
  passNumber?: string;
  /** issuing authority / 签发机关 */
  issue?: string;
  /** valid from / 有效期起 */
  startDate?: string;
  /** valid until; 长期 without an end / 有效期止；长期 */
  endDate?: string;
  /** number of the card, paper, plate / 卡、证、票、车牌的号码 */
  number?: string;
  /** expiry; month/year of a card / 有效期；银行卡为月/年 */
  expiry?: string;
  /** surname, of the zone / 姓（机读区） */
  surname?: string;
  /** given names, of the zone / 名（机读区） */
  givenNames?: string;
  /** nationality; its code in a passport / 国籍；护照为代码 */
  nationality?: string;
  /** personal number / 个人号码 */
  personalNumber?: string;
  /** lines of the machine-readable zone / 机读区各行 */
  mrz?: string;
  /** code of a firm or invoice / 统一社会信用代码；发票代码 */
  code?: string;
  /** legal representative / 法定代表人 */
  legalPerson?: string;
  /** day that the paper names / 成立、开票、领证、登记、乘车日期 */
  date?: string;
  /** check code / 校验码 */
  checkCode?: string;
  /** sum without tax / 合计金额（不含税） */
  amount?: string;
  /** sum of taxes / 合计税额 */
  tax?: string;
  /** sum with tax / 价税合计 */
  total?: string;
  /** seller / 销售方 */
  seller?: string;
  /** buyer / 购买方 */
  buyer?: string;
  /** tax number of the seller / 销售方税号 */
  sellerTaxId?: string;
  /** tax number of the buyer / 购买方税号 */
  buyerTaxId?: string;
  /** class of vehicles / 准驾车型 */
  vehicleClass?: string;
  /** type of the vehicle / 车辆类型 */
  vehicleType?: string;
  /** use of the vehicle or property / 使用性质；用途 */
  usage?: string;
  /** make and model / 品牌型号 */
  model?: string;
  /** vehicle identification number / 车辆识别代号 */
  vin?: string;
  /** number of the engine / 发动机号码 */
  engineNumber?: string;
  /** day of issue / 发证日期 */
  issueDate?: string;
  /** head of household, or relation / 户主或与户主关系 */
  relation?: string;
  /** native place / 籍贯 */
  nativePlace?: string;
  /** number of the property unit / 不动产单元号 */
  unitNumber?: string;
  /** type of the right / 权利类型 */
  rightType?: string;
  /** area, as printed / 面积 */
  area?: string;
  /** name of the second person / 配偶姓名 */
  spouseName?: string;
  /** birth of the second person / 配偶出生日期 */
  spouseBirth?: string;
  /** number of the second person / 配偶身份证件号 */
  spouseId?: string;
  /** station of departure / 出发站 */
  departure?: string;
  /** station of destination / 到达站 */
  destination?: string;
  /** number of the train / 车次 */
  train?: string;
  /** hour of departure / 开车时间 */
  time?: string;
  /** carriage and seat / 车厢和席位 */
  seat?: string;
  /** class of the seat / 席别 */
  seatClass?: string;
}

export interface DocumentInfo {
  /** kind of document / 证件类型 */
  type: "bank-card" | "business-licence" | "driving-licence" | "household-register" | "id-card-back" | "id-card-front" | "invoice" | "marriage-certificate" | "passport" | "property-certificate" | "train-ticket" | "vehicle-licence";
  /** its fields / 各字段 */
  fields: DocumentFields;
  /** true: every check digit and cross-check holds, and the other fields were read surely; false: one does not hold, see problems; null: nothing contradicts, but not all could be checked / true：校验位和互相印证全部成立，其余字段也读得可靠；false：有不成立的，见 problems；null：没有矛盾，但不能全部核对 */
  valid: boolean;
  /** whether it has expired by today; null: no last day was read / 今天是否已过有效期；null：没有读到有效期 */
  expired: boolean;
  /** field and problem, as id.check or name.uncertain; never the content of a field / 字段和问题，如 id.check、name.uncertain；从不含字段的内容 */
  problems: string[];
  /** its four corners as [x, y], clockwise from the document's own top left / 证件的四个角点 [x, y]，从证件自身的左上角起顺时针 */
  corners: number[][];
  /** its page, from 1 / 所在的页，从 1 开始 */
  page: number;
  /** the file it is in; empty if it is in none / 所在的文件；不是文件时为空 */
  imagePath: string;
}

export interface CoveredArea {
  /** left edge / 左 */
  left: number;
  /** top edge / 上 */
  top: number;
  /** right edge / 右 */
  right: number;
  /** bottom edge / 下 */
  bottom: number;
  /** width, in place of right / 宽，可代替 right */
  width?: number;
  /** height, in place of bottom / 高，可代替 bottom */
  height?: number;
  /** its page, from 1 / 所在的页，从 1 开始 */
  page?: number;
}

export interface ParsedCodeInfo {
  /** gs1 for application identifiers, aamva for licences and cards of North America, bcbp for boarding passes / gs1 为 GS1 应用标识符，aamva 为北美驾照和身份证，bcbp 为登机牌 */
  scheme: "aamva" | "bcbp" | "gs1";
  /** its fields by the scheme's own identifiers, as 01, 17, DAQ, pnr / 各项，以该规范自己的标识为名：01、17、DAQ、pnr 等 */
  fields: Record<string, string>;
  /** whether all rules that are checked hold / 所校验的规则是否全部成立 */
  valid: boolean;
  /** field and rule that it breaks, as 01.check or 17.date / 项和不成立的规则，如 01.check、17.date */
  problems: string[];
}

export interface CodeInfo {
  /** the text of the code / 条码内容 */
  codeNum: string;
  /** code128, code39, EAN13, EAN8, MSI, Pharma, UPC-A, UPC-E, Codabar, Interleaved 2 of 5, code93, UCC_128, QR; beyond the standard DataMatrix, PDF417, Aztec, MicroPDF417, MicroQR, rMQR, MaxiCode, DataBar, DataBar Limited, DataBar Expanded, DX, Telepen / 编码方式：code128、code39、EAN13、EAN8、MSI、Pharma、UPC-A、UPC-E、Codabar、Interleaved 2 of 5、code93、UCC_128、QR；标准之外：DataMatrix、PDF417、Aztec、MicroPDF417、MicroQR、rMQR、MaxiCode、DataBar、DataBar Limited、DataBar Expanded、DX、Telepen */
  codeType: string;
  /** left edge / 左 */
  left: string;
  /** top edge / 上 */
  top: string;
  /** right edge / 右 */
  right: string;
  /** bottom edge / 下 */
  bottom: string;
  /** beyond the standard: its four corners as [x, y], clockwise from the code's own top left / 标准之外：四个角点 [x, y]，从条码自身的左上角起顺时针 */
  corners?: number[][];
  /** its page, from 1, of a PDF or a TIFF of many pages / 所在的页，从 1 开始（PDF 和多页 TIFF） */
  page?: number;
  /** the file it is in, only when files were given / 所在的文件，仅在给出文件时 */
  imagePath?: string;
  /** beyond the standard: the fields of its text, when asked for and written by a scheme / 标准之外：内容中的各项，仅在要求且内容符合一种规范时 */
  parsed?: ParsedCodeInfo;
}

export interface TextLineInfo {
  /** the text of the line / 这一行的文字 */
  text: string;
  /** confidence, 0 to 1 / 可信度，0 到 1 */
  score: number;
  /** left edge / 左 */
  left: number;
  /** top edge / 上 */
  top: number;
  /** right edge / 右 */
  right: number;
  /** bottom edge / 下 */
  bottom: number;
  /** its four corners as [x, y], clockwise from the top left of its first character; of vertical text from the top right / 四个角点 [x, y]，从第一个字的左上角起顺时针（竖排从右上角起） */
  corners: number[][];
}

export interface TableCellInfo {
  /** its row, from 0 / 行，从 0 开始 */
  row: number;
  /** its column, from 0 / 列，从 0 开始 */
  column: number;
  /** rows that it takes / 占几行 */
  rowSpan: number;
  /** columns that it takes / 占几列 */
  columnSpan: number;
  /** its text, empty without any / 文字，空单元格为空 */
  text: string;
  /** the number that the text is; null for other texts / 文字是数时的数值；其他文字和账号之类为 null */
  number: number;
  /** its four corners as [x, y], clockwise from the top left / 四个角点 [x, y]，从左上角起顺时针 */
  corners: number[][];
}

export interface TableInfo {
  /** number of rows / 行数 */
  rows: number;
  /** number of columns / 列数 */
  columns: number;
  /** its cells, row by row / 各单元格，逐行 */
  cells: TableCellInfo[];
  /** its four corners as [x, y], clockwise from the top left / 四个角点 [x, y]，从左上角起顺时针 */
  corners: number[][];
}

export interface TextInfo {
  /** the file it is in, only when files were given / 所在的文件，仅在给出文件时 */
  imagePath?: string;
  /** its page, from 1 / 所在的页，从 1 开始 */
  page: number;
  /** all of its text in reading order, line by line / 全部文字，按阅读顺序，每行一行 */
  text: string;
  /** its lines in reading order / 各行，按阅读顺序；没有时为空 */
  lines: TextLineInfo[];
  /** its tables from the top, only when asked for / 表格，从上到下，仅在要求时 */
  tables?: TableInfo[];
}

export interface FormZoneInfo {
  /** its name / 区域名称 */
  name: string;
  /** its kind; a signature or portrait is only told to be there / text 文字、number 数字、date 日期、tick 勾选框、signature 签名、barcode 条码、portrait 照片 */
  kind: "barcode" | "date" | "number" | "portrait" | "signature" | "text" | "tick";
  /** text, number, year-month-day or the text of a code; of a tick box empty, crossed, filled, corrected, unsure; of a signature or portrait true, false, or empty where that is in doubt / 文字、数字、年-月-日或条码内容；勾选框为 empty、crossed、filled、corrected、unsure；签名和照片为 true、false，有疑问时为空 */
  value: string;
  /** confidence, 0 to 1 / 可信度，0 到 1 */
  score: number;
  /** true: all its checks hold; false: one does not, see problem; null: nothing is checked / true：校验全部成立；false：有不成立的，见 problem；null：没有校验 */
  valid: boolean;
  /** the check that does not hold: empty, date, mask, check, list; or unsure; empty without any / 不成立的校验：empty、date、mask、check、list；或 unsure；没有时为空 */
  problem: "" | "check" | "date" | "empty" | "list" | "mask" | "unsure";
  /** its four corners on the picture as [x, y], clockwise from the zone's own top left / 区域在图片中的四个角点 [x, y]，从区域自身的左上角起顺时针 */
  corners: number[][];
}

export interface FormInfo {
  /** the file it is in, only when files were given / 所在的文件，仅在给出文件时 */
  imagePath?: string;
  /** its page, from 1 / 所在的页，从 1 开始 */
  page: number;
  /** name of the form; null where it is none that is known, or it is in doubt / 表单的名称；不是已知的表单或有疑问时为 null */
  form: string;
  /** version of the form / 表单的版本 */
  version: number;
  /** share of the form's print that was found, 0 to 1 / 找到的印刷内容的比例，0 到 1 */
  score: number;
  /** its zones, in their order on the list / 各区域，按示教的顺序 */
  zones: FormZoneInfo[];
}

export interface DeliveryReceipt {
  /** name of the target / 目标的名称 */
  target: string;
  /** name of the file / 文件名 */
  name: string;
  /** its name there, or the number of a message or document / 文件在目标中的名称、邮件标识或编号 */
  place: string;
  /** its size in bytes / 字节数 */
  size: number;
  /** SHA-256 of its content / 内容的 SHA-256 */
  sha256: string;
  /** whether it was there before, and not sent again / 目标中原已有此文件，没有再次发送 */
  already: boolean;
}

export interface ProposedStart {
  /** the page, from 1 / 页码，从 1 开始 */
  page: number;
  /** another size, orientation or paper, or a letterhead / 大小、方向、纸张颜色或信头不同 */
  reason: "letterhead" | "orientation" | "paper" | "size";
  /** how sure that is, 0 to 1 / 把握，0 到 1 */
  score: number;
}

export interface MergedFile {
  /** the file written / 已写入的文件 */
  filePath: string;
  /** how many pages it has / 页数 */
  pageCount: number;
  /** pages that are blank, from 1 / 空白页的页码，从 1 开始 */
  blankPages: number[];
  /** the barcode it begins with; empty before the first / 它由此条码开始；第一个条码之前的页为空 */
  codeNum: string;
  /** if base64 was requested: the file itself / 请求了 base64 时：文件的内容 */
  fileBase64?: string;
  /** beyond the standard: address to download the file from, for pages of this site, once, in ten minutes / 标准之外：下载此文件的地址，仅限本网站的页面，用一次，约 10 分钟内有效 */
  downloadUrl?: string;
}

export interface FileEntry {
  /** its path / 路径 */
  path: string;
  /** its size in bytes / 字节数 */
  size: number;
  /** time of its last change, for example 2026-11-28T10:15:30+08:00 / 最后修改时间，例如 2026-11-28T10:15:30+08:00 */
  time: string;
}

export interface SignedByHand {
  /** who signed, as the page that asked told / 签字人，按发起网页所述 */
  signer: string;
  /** what it was signed for / 签字的事由 */
  reason: string;
  /** when the signer was done, by the clock of that machine / 签字完成的时间，按签字电脑的时钟 */
  time: string;
  /** page that was signed, from 1 / 签在第几页 */
  page: number;
  /** where it was written: screen or tablet / 签在屏幕还是手写板上 */
  device: "screen" | "tablet";
  /** whether the strokes are in the document, encrypted / 文件中有加密的笔画 */
  strokes: boolean;
}

export interface FileSignature {
  /** whether it is valid and nothing was altered / 是否有效且文件未被改动 */
  holds: boolean;
  /** name in the certificate / 证书的名称 */
  signer: string;
  /** whether the signer is trusted; else unknown / 签名人是否受信任；没有配置受信任的证书时为 unknown */
  identity: "trusted" | "unknown";
  /** time of the signature / 签名时间 */
  time: string;
  /** source of the time: a trusted authority's time stamp, another's (proves nothing), the machine's clock, none / 时间来源：受信任机构的时间戳、其他机构的时间戳（未获证明）、签名机器的时钟、没有 */
  timeSource: "clock" | "none" | "timestamp" | "unproven";
  /** what does not hold: altered, certificate.expired, ... / 不成立之处，例如 altered、certificate.expired */
  problems: string[];
  /** handwriting, if it seals one; where the signature holds, what was shown is in the file / 手写签字；机器的签名没有此项。文件有效时，签字人所见的即是文件中的 */
  hand?: SignedByHand;
}

export interface FileAlteration {
  /** where it begins, in seconds / 起点（秒） */
  begin: number;
  /** where it ends; null: all that follows / 终点（秒）；为空时直到末尾 */
  end: number;
}

export interface FileRecording {
  /** time up to which its own hashes prove it, from its beginning / 自开头至此有自身的哈希为证 */
  provenSeconds: number;
  /** parts that were altered / 被改动的部分 */
  alterations: FileAlteration[];
  /** length; null without a seal, as after a power cut / 时长；没有封签（例如断电）时为空 */
  seconds: number;
  /** time of the first frame, by the clock of the machine / 第一帧的时间，按本机时钟 */
  begun: string;
  /** the camera / 摄像头 */
  device: string;
  /** why it ended, as StopRecord tells / 结束原因，见 StopRecord */
  reason: string;
  /** program that recorded it, and its version / 录制程序及版本 */
  software: string;
}

export interface StampInfo {
  /** its name / 名称 */
  name: string;
  /** its name for people / 给人看的名称 */
  title: string;
  /** width in mm / 宽度，毫米 */
  width: number;
  /** height in mm / 高度，毫米 */
  height: number;
  /** its look as a PNG; white is no ink / 样子，PNG；白色处不盖印 */
  imageBase64: string;
}

export interface PlacedStamp {
  /** its name, see GetStamps / 印章的名称，见 GetStamps */
  name: string;
  /** its page, from 1; 0 for every page / 所在的页，从 1 开始；0 为每一页 */
  page?: number;
  /** where there is no left and top: 0 top left to 8 bottom right, row by row / 没有 left 和 top 时的位置：0 左上到 8 右下，逐行 */
  position?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** left edge, in percent of the page's width / 左边，占页宽的百分比 */
  left?: number;
  /** upper edge, in percent of the page's height / 上边，占页高的百分比 */
  top?: number;
  /** width in percent of the page's; without it, its own in mm. Its height follows / 宽度，占页宽的百分比；没有时按其毫米数。高度随之 */
  width?: number;
  /** degrees, counter-clockwise around its middle / 绕中心的逆时针角度 */
  angle?: number;
}

export interface CardInfo {
  /** name / 姓名 */
  name: string;
  /** gender / 性别 */
  gender: string;
  /** ethnic group; empty where the card has none / 民族；没有时为空 */
  folk: string;
  /** date of birth, year-month-day / 出生日期，年-月-日 */
  birth: string;
  /** address / 住址 */
  address: string;
  /** number of the holder / 证件号码 */
  id: string;
  /** issuing authority / 签发机关 */
  issue: string;
  /** valid from / 有效期起 */
  startDate: string;
  /** valid until; 长期 if it does not expire / 有效期止；可为“长期” */
  endDate: string;
  /** the portrait in base64; empty where it cannot be decoded / 头像的 base64；无法解码时为空 */
  imageBase64: string;
  /** GA 1012 fingerprint features in base64, or empty / 指纹特征（GA 1012）的 base64；没有时为空 */
  fingerFeature: string;
  /** beyond the standard: why imageBase64 is empty / 标准之外：imageBase64 为空的原因 */
  imageReason?: string;
  /** beyond the standard: the portrait as the card holds it (WLT), in base64 / 标准之外：卡内头像（WLT）的 base64 */
  imageWlt?: string;
  /** beyond the standard: citizen; residence, of Hong Kong, Macao or Taiwan; foreigner-2017, foreigner-2023 / 标准之外：citizen 居民，residence 港澳台居民，foreigner-2017、foreigner-2023 外国人 */
  form?: string;
  /** beyond the standard: English name, of foreigners / 标准之外：英文姓名（外国人） */
  englishName?: string;
  /** beyond the standard: nationality of foreigners, three letters / 标准之外：国籍（外国人），三位字母代码 */
  nationality?: string;
  /** beyond the standard: pass number, of form residence / 标准之外：通行证号码（港澳台） */
  passNumber?: string;
  /** beyond the standard: an address added to the card later / 标准之外：追加的最新住址 */
  latestAddress?: string;
}

export interface SocialCardInfo {
  /** name / 姓名 */
  name: string;
  /** number of the holder / 证件号码 */
  id: string;
  /** gender / 性别 */
  gender: string;
  /** ethnic group; empty where the card has none / 民族；没有时为空 */
  folk: string;
  /** date of birth, year-month-day / 出生日期，年-月-日 */
  birth: string;
  /** always empty: these cards hold none / 住址；社保卡中没有，始终为空 */
  address: string;
  /** beyond the standard: number of the card / 标准之外：社保卡号 */
  cardNumber?: string;
  /** beyond the standard: place of birth, an administrative code / 标准之外：出生地行政区划代码 */
  birthPlace?: string;
  /** beyond the standard: region of issue, an administrative code / 标准之外：发卡地区行政区划代码 */
  region?: string;
  /** beyond the standard: date of issue / 标准之外：发卡日期 */
  startDate?: string;
  /** beyond the standard: valid until / 标准之外：有效期止 */
  endDate?: string;
}

export interface CardReaderEntry {
  /** name of the reader / 读卡器名称 */
  devName: string;
  /** values of idType that it can read / 可读的 idType */
  idTypes: number[];
}

export interface FingerReaderEntry {
  /** name of the sensor / 指纹仪名称 */
  devName: string;
  /** how many presses its maker recommends for an enrolment / 登记时建议的按压次数 */
  presses: number;
}

export interface FaceCameraEntry {
  /** name of the device / 设备名称 */
  faceCameraName: string;
  /** pixel formats / 视频格式 */
  faceCameraMedias: string[];
  /** 1 ordinary camera, 2 colour and infrared pair / 1 普通摄像头，2 红白双目 */
  faceCameraType: 1 | 2;
  /** sizes, width x height / 分辨率，宽x高 */
  faceCameraResolutions: string[];
}

export interface FaceBox {
  /** left edge / 左 */
  left: number;
  /** top edge / 上 */
  top: number;
  /** right edge / 右 */
  right: number;
  /** bottom edge / 下 */
  bottom: number;
  /** whether it is a live face / 是否活体 */
  live: boolean;
  /** liveness score, 0 to 1; 0 while there is none / 活体分数，0 到 1；尚无时为 0 */
  score: number;
  /** beyond the standard: the verdict, which may be open still / 标准之外：结论，可能是尚无法判断 */
  verdict: "cannot tell" | "live" | "not live";
  /** beyond the standard: why, one clause / 标准之外：理由 */
  reason: string;
}

export interface FunctionEntry {
  /** name of the function / 函数名 */
  name: string;
  /** whether it works here / 此处是否可用 */
  available: boolean;
  /** why it does not / 不可用的原因 */
  reason?: string;
}

export interface ButtonEntry {
  /** camera: a camera's own button; switch: a foot switch / camera：摄像头自带的按钮；switch：脚踏开关 */
  kind: "camera" | "switch";
  /** name of the device / 设备名称 */
  name: string;
  /** devNum of the camera that the button belongs to; missing if that cannot be told / 按钮所属摄像头的 devNum；无法得知时缺省 */
  devNum?: number;
}

export type GetCameraInfoRequest = Record<never, never>;

export interface GetCameraInfoAnswer {
  /** the cameras, the best one first; empty without any / 设备列表，推荐的设备在前；没有设备时为空 */
  devInfo: CameraEntry[];
}

export interface OpenCameraRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** index into mediaTypes / 视频格式编号，即 mediaTypes 中的序号 */
  mediaNum?: number;
  /** index into resolutions / 分辨率编号，即 resolutions 中的序号 */
  resolutionNum?: number;
  /** frames per second / 帧率 */
  fps?: number;
  /** beyond the standard: where a page of another site has it (2002), ask that page, by a Notify (OnCameraWanted); once it has closed the camera, a Notify (OnCameraFree) tells to open it again / 标准之外：摄像头被另一网站的页面占用（2002）时，请求其让出：向其推送 Notify（OnCameraWanted）；其关闭后向本页推送 Notify（OnCameraFree），由本页再次打开 */
  takeOver?: boolean;
}

export interface OpenCameraAnswer {
  /** beyond the standard: who has it / 标准之外：谁在使用 */
  holder?: CameraHolder;
  /** beyond the standard: whether it was asked to give it up / 标准之外：是否已请求其让出 */
  asked?: boolean;
}

export interface GetCameraVideoBuffRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** true starts the preview, false stops it / true 开始回传视频，false 停止 */
  enable?: boolean;
  /** beyond the standard: 1 also reads barcodes; a Notify (OnBarCode) tells of each change / 标准之外：1 为预览时识别条码，结果有变化时推送 Notify（OnBarCode） */
  barcode?: boolean;
  /** beyond the standard: most pixels of the picture; a larger one comes at 1/2, 1/4 or 1/8 / 标准之外：画面最大像素数；超过时按 1/2、1/4 或 1/8 缩小，拍照不受影响 */
  maxWidth?: number;
  /** beyond the standard: most pixels of the picture; a larger one comes at 1/2, 1/4 or 1/8 / 标准之外：画面最大像素数；超过时按 1/2、1/4 或 1/8 缩小，拍照不受影响 */
  maxHeight?: number;
}

export interface GetCameraVideoBuffAnswer {
  /** index into devInfo / 设备编号 */
  devNum?: number;
  /** beyond the standard, over HTTP alone: address of the preview as MJPEG, for an <img>; good once, for ten seconds / 标准之外，仅 HTTP：视频地址（MJPEG），可直接用于 <img>，10 秒内有效，只能使用一次 */
  streamUrl?: string;
}

export interface CameraFrame {
  /** index into devInfo / 设备编号 */
  devNum: number;
  /** always 0 / 始终为 0 */
  result: 0;
  /** the frame in base64 (JPEG) / 本帧图片的 base64（JPEG） */
  imageBase64Str?: string;
  /** the same as imageBase64Str, may be configured away / 与 imageBase64Str 相同，可由配置关闭 */
  imgBase64Str?: string;
  /** format of the picture, for example image/jpg / 图片格式，例如 image/jpg */
  mime: string;
  /** width of the picture in pixels / 图片宽度（像素） */
  width: number;
  /** height of the picture in pixels / 图片高度（像素） */
  height: number;
  /** only of a reduced picture: the camera's is larger by this factor / 仅在画面被缩小时：摄像头画面是它的几倍 */
  reduction?: 2 | 4 | 8;
  /** beyond the standard: unless cropType is 0, what would become of the crop of a capture now / 标准之外：cropType 不为 0 时，此时拍照的裁切结果 */
  crop?: PictureCrop;
}

export interface CloseCameraRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
}

export type CloseCameraAnswer = Record<never, never>;

export interface SetCameraImageInfoRequest {
  /** crop: 0 none, 1 single, 2 multi, 3 curve correction, 4 manual / 裁切：0 不裁切，1 单图，2 多图，3 曲面矫正，4 手动 */
  cropType?: 0 | 1 | 2 | 3 | 4;
  /** rectangle of the manual crop, used with cropType 4 only; {left,top,width,height}, [left,top,right,bottom] and "left,top,right,bottom" are accepted too / 手动裁切的矩形，仅 cropType 为 4 时使用；也接受 {left,top,width,height}、[左,上,右,下] 和 "左,上,右,下" */
  cropRect?: CropRect;
  /** picture: 0 original, 1 grey, 2 black-and-white document, 3 colour document, 4 red-stamp document, 5 blue-stamp document, 6 colour photo, 7 receipt; beyond the standard: 8 automatic (document, card or photograph, see pageKind) / 图像：0 原色，1 灰度，2 黑白文档，3 彩色文档，4 红印文档，5 蓝印文档，6 彩色照片，7 票据增强；标准之外：8 自动（文档、卡片或照片，见 pageKind） */
  imageType?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** border: 0 none, 1 white, 2 surrounding colour / 填充边缘：0 不填充，1 白色，2 周边色 */
  fillBorderType?: 0 | 1 | 2;
  /** removal: 0 none, 1 fingers, 2 punch holes; beyond the standard: 3 what shows through from the back / 去除异物：0 无，1 手指，2 装订孔；标准之外：3 背面透过来的字迹 */
  removalForeign?: 0 | 1 | 2 | 3;
  /** degrees to turn clockwise / 顺时针旋转的角度 */
  rotate?: 0 | 90 | 180 | 270;
  /** beyond the standard: straighten by the lines of text, whatever the crop / 标准之外：任何裁切方式都按文字行纠偏 */
  deskew?: boolean;
  /** beyond the standard: turn captures by quarters until their text stands upright / 标准之外：拍照结果按文字自动转正 */
  upright?: boolean;
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
}

export interface SetCameraImageInfoAnswer {
  /** beyond the standard: what was set. Without devNum the scanners of this connection, and the camera it has open, unless the rectangle is in the scanner's form: left, top, width, height / 标准之外：设置了哪些设备。没有 devNum 时为本连接的扫描仪，以及已打开的摄像头（矩形为 left、top、width、height 时除外） */
  applied: "camera" | "scanner"[];
}

export interface SetCameraInfoRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** index into mediaTypes / 视频格式编号，即 mediaTypes 中的序号 */
  mediaNum?: number;
  /** index into resolutions / 分辨率编号，即 resolutions 中的序号 */
  resolutionNum?: number;
}

export type SetCameraInfoAnswer = Record<never, never>;

export interface GetCameraControlsRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
}

export interface GetCameraControlsAnswer {
  /** what can be set; empty without any / 可调的参数；没有时为空 */
  controls: ControlEntry[];
  /** the controls that this camera does not have / 该摄像头没有的参数 */
  unsupported: string[];
}

export interface SetCameraControlRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** name, as GetCameraControls lists it / 参数名称，见 GetCameraControls */
  control: "brightness" | "contrast" | "exposure" | "focus" | "gain" | "powerLine" | "saturation" | "sharpness" | "whiteBalance" | "zoom";
  /** the value; setting it ends the automatic / 取值；设置后即为手动 */
  value?: number;
  /** true hands it to the camera, false ends that / true 由摄像头自动调节，false 停止 */
  auto?: boolean;
  /** true: adjust it once and keep that, as one key for the focus; takes about 3 seconds / true：自动调节一次，然后保持（一键对焦）；约需 3 秒 */
  once?: boolean;
}

export interface SetCameraControlAnswer {
  /** its state after that / 设置后的状态 */
  control: ControlEntry;
}

export interface CameraCaptureRequest {
  /** beyond the standard: quality of JPEG and WebP, 1 to 100 / 标准之外：JPEG 和 WebP 的质量，1 到 100 */
  quality?: number;
  /** beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; an error for PNG, BMP and TIFF that do not fit / 标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错 */
  maxBytes?: number;
  /** beyond the standard: resolution that JPEG, PNG, TIFF and PDF state / 标准之外：写入 JPEG、PNG、TIFF、PDF 的分辨率 */
  dpi?: number;
  /** beyond the standard: colours: 0 as processed, 1 grey, 2 black and white / 标准之外：颜色：0 按处理结果，1 灰度，2 黑白 */
  colorMode?: 0 | 1 | 2;
  /** beyond the standard: watermark, drawn last; a string alone is its text / 标准之外：水印，最后画上；也接受只有文字的字符串 */
  watermark?: WatermarkOptions;
  /** beyond the standard: name of a set of parameters in [profiles] of the configuration, or an object with them; those of the request itself come first / 标准之外：配置 [profiles] 中一组参数的名称，或含有这些参数的对象；请求自己的参数优先 */
  profile?: string;
  /** beyond the standard: an object, maybe empty: write a record beside the file (JSON and XML, its name with .json and .xml) with the object in it, such as operator or window, and with device, stages and resolution / 标准之外：对象（可为空）：为写入的文件附上记录（JSON 和 XML，文件名加 .json、.xml），其中含此对象，例如操作员、窗口，以及设备、处理步骤、分辨率 */
  record?: Record<string, unknown>;
  /** beyond the standard: picture settings of this one alone, the others as SetCameraImageInfo or SetScannerImageInfo set them / 标准之外：仅用于这一次的图像设置，其余同 SetCameraImageInfo、SetScannerImageInfo 所设 */
  settings?: ImageInfoRequest;
  /** beyond the standard: picture in picture: devNum of a second camera that is shot at the same time, opened for it if nobody has it open / 标准之外：画中画：同时拍摄的第二个摄像头的 devNum，未打开时临时打开 */
  overlayDevNum?: number;
  /** beyond the standard: its corner, row by row: 0 top left, 1 top right, 2 bottom left, 3 bottom right (the default) / 标准之外：画中画的位置，逐行：0 左上，1 右上，2 左下，3 右下（默认） */
  overlayPosition?: 0 | 1 | 2 | 3;
  /** beyond the standard: its width in percent of the picture's, 5 to 50, 25 by default; never more than half as high as the picture / 标准之外：画中画的宽度，占图片宽度的百分比，5 到 50，默认 25；高度不超过图片的一半 */
  overlaySize?: number;
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** beyond the standard: most frames that the picture is merged from, 1 to 8: the sharpest, with the others aligned to it, for less noise, compression and moving glare; one with a picture in picture. By default those that are there already, where a sensor is noisy: nothing is waited for / 标准之外：最多由几帧合成，1 到 8：取最清晰的一帧，对齐并合并其余各帧，减少噪点、压缩痕迹和移动的反光；与画中画同用时只取一帧；缺省：传感器噪点多时取已到的各帧，不另等待 */
  frames?: number;
  /** file to write, its suffix decides the format; empty: default folder, name and format; beyond the standard: with placeholders {date}, {time}, {seq}, {barcode}, {idNum}, {case}, when no file is ever replaced / 图片路径，格式由后缀名决定；为空时使用默认目录、文件名和格式；标准之外：可含占位符 {date}、{time}、{seq}、{barcode}、{idNum}、{case}，此时从不覆盖文件 */
  imagePath?: string;
  /** base64: write no file, answer as CameraCaptureBase64 does / base64：不写文件，应答同 CameraCaptureBase64 */
  mode?: "" | "base64";
}

export interface CameraCaptureAnswer {
  /** beyond the standard: whether the picture can be read; of several the worst / 标准之外：图片是否清晰可读；多张图片时为最差的一张 */
  verdict?: PictureVerdict;
  /** beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten minutes; absent if none is kept / 标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项 */
  handle?: string;
  /** beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from the result's top left; absent where nothing was cut, or a curved page was flattened / 标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；未裁切或曲面展平时没有此项 */
  corners?: number[][];
  /** beyond the standard: what became of the crop / 标准之外：裁切的结果 */
  crop?: PictureCrop;
  /** beyond the standard: what a page was taken for where imageType is 8 (automatic): a document, a card or cover, a photograph / 标准之外：imageType 为 8（自动）时，页面被当作什么：document 文档，card 卡片或封面，photograph 照片 */
  pageKind?: "card" | "document" | "photograph";
  /** beyond the standard: of several pictures the verdict on each of imagePath / 标准之外：多张图片时每张的结论，与 imagePath 的顺序一致 */
  verdicts?: PictureVerdict[];
  /** beyond the standard: of several files, original and corners of each of imagePath / 标准之外：有多个文件时，每个文件的原图和裁切的四个角，与 imagePath 的顺序一致 */
  cuts?: PictureCut[];
  /** the files written, one for each picture / 已写入的文件，每张图片一个 */
  imagePath: string[];
  /** beyond the standard: number of frames that were merged; absent for one / 标准之外：由几帧合成；只有一帧时没有此项 */
  frames?: number;
}

export interface CameraCaptureBase64Request {
  /** beyond the standard: quality of JPEG and WebP, 1 to 100 / 标准之外：JPEG 和 WebP 的质量，1 到 100 */
  quality?: number;
  /** beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; an error for PNG, BMP and TIFF that do not fit / 标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错 */
  maxBytes?: number;
  /** beyond the standard: resolution that JPEG, PNG, TIFF and PDF state / 标准之外：写入 JPEG、PNG、TIFF、PDF 的分辨率 */
  dpi?: number;
  /** beyond the standard: colours: 0 as processed, 1 grey, 2 black and white / 标准之外：颜色：0 按处理结果，1 灰度，2 黑白 */
  colorMode?: 0 | 1 | 2;
  /** beyond the standard: watermark, drawn last; a string alone is its text / 标准之外：水印，最后画上；也接受只有文字的字符串 */
  watermark?: WatermarkOptions;
  /** beyond the standard: name of a set of parameters in [profiles] of the configuration, or an object with them; those of the request itself come first / 标准之外：配置 [profiles] 中一组参数的名称，或含有这些参数的对象；请求自己的参数优先 */
  profile?: string;
  /** beyond the standard: an object, maybe empty: write a record beside the file (JSON and XML, its name with .json and .xml) with the object in it, such as operator or window, and with device, stages and resolution / 标准之外：对象（可为空）：为写入的文件附上记录（JSON 和 XML，文件名加 .json、.xml），其中含此对象，例如操作员、窗口，以及设备、处理步骤、分辨率 */
  record?: Record<string, unknown>;
  /** beyond the standard: picture settings of this one alone, the others as SetCameraImageInfo or SetScannerImageInfo set them / 标准之外：仅用于这一次的图像设置，其余同 SetCameraImageInfo、SetScannerImageInfo 所设 */
  settings?: ImageInfoRequest;
  /** beyond the standard: picture in picture: devNum of a second camera that is shot at the same time, opened for it if nobody has it open / 标准之外：画中画：同时拍摄的第二个摄像头的 devNum，未打开时临时打开 */
  overlayDevNum?: number;
  /** beyond the standard: its corner, row by row: 0 top left, 1 top right, 2 bottom left, 3 bottom right (the default) / 标准之外：画中画的位置，逐行：0 左上，1 右上，2 左下，3 右下（默认） */
  overlayPosition?: 0 | 1 | 2 | 3;
  /** beyond the standard: its width in percent of the picture's, 5 to 50, 25 by default; never more than half as high as the picture / 标准之外：画中画的宽度，占图片宽度的百分比，5 到 50，默认 25；高度不超过图片的一半 */
  overlaySize?: number;
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** beyond the standard: most frames that the picture is merged from, 1 to 8: the sharpest, with the others aligned to it, for less noise, compression and moving glare; one with a picture in picture. By default those that are there already, where a sensor is noisy: nothing is waited for / 标准之外：最多由几帧合成，1 到 8：取最清晰的一帧，对齐并合并其余各帧，减少噪点、压缩痕迹和移动的反光；与画中画同用时只取一帧；缺省：传感器噪点多时取已到的各帧，不另等待 */
  frames?: number;
}

export interface CameraCaptureBase64Answer {
  /** beyond the standard: whether the picture can be read; of several the worst / 标准之外：图片是否清晰可读；多张图片时为最差的一张 */
  verdict?: PictureVerdict;
  /** beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten minutes; absent if none is kept / 标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项 */
  handle?: string;
  /** beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from the result's top left; absent where nothing was cut, or a curved page was flattened / 标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；未裁切或曲面展平时没有此项 */
  corners?: number[][];
  /** beyond the standard: what became of the crop / 标准之外：裁切的结果 */
  crop?: PictureCrop;
  /** beyond the standard: what a page was taken for where imageType is 8 (automatic): a document, a card or cover, a photograph / 标准之外：imageType 为 8（自动）时，页面被当作什么：document 文档，card 卡片或封面，photograph 照片 */
  pageKind?: "card" | "document" | "photograph";
  /** how many pictures there are / 图片总数 */
  imageCount: number;
  /** which one this is, from 1 / 第几张，从 1 开始 */
  imageIndex: number;
  /** the picture in base64 / 图片的 base64 */
  imageBase64Str: string;
  /** the same as imageBase64Str / 与 imageBase64Str 相同 */
  imgBase64Str: string;
  /** format of the picture, for example image/jpg / 图片格式，例如 image/jpg */
  mime: string;
  /** width of the picture in pixels / 图片宽度（像素） */
  width: number;
  /** height of the picture in pixels / 图片高度（像素） */
  height: number;
  /** beyond the standard: number of frames that were merged; absent for one / 标准之外：由几帧合成；只有一帧时没有此项 */
  frames?: number;
}

export interface SetCameraAutoCaptureRequest {
  /** beyond the standard: quality of JPEG and WebP, 1 to 100 / 标准之外：JPEG 和 WebP 的质量，1 到 100 */
  quality?: number;
  /** beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; an error for PNG, BMP and TIFF that do not fit / 标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错 */
  maxBytes?: number;
  /** beyond the standard: resolution that JPEG, PNG, TIFF and PDF state / 标准之外：写入 JPEG、PNG、TIFF、PDF 的分辨率 */
  dpi?: number;
  /** beyond the standard: colours: 0 as processed, 1 grey, 2 black and white / 标准之外：颜色：0 按处理结果，1 灰度，2 黑白 */
  colorMode?: 0 | 1 | 2;
  /** beyond the standard: watermark, drawn last; a string alone is its text / 标准之外：水印，最后画上；也接受只有文字的字符串 */
  watermark?: WatermarkOptions;
  /** beyond the standard: name of a set of parameters in [profiles] of the configuration, or an object with them; those of the request itself come first / 标准之外：配置 [profiles] 中一组参数的名称，或含有这些参数的对象；请求自己的参数优先 */
  profile?: string;
  /** beyond the standard: an object, maybe empty: write a record beside the file (JSON and XML, its name with .json and .xml) with the object in it, such as operator or window, and with device, stages and resolution / 标准之外：对象（可为空）：为写入的文件附上记录（JSON 和 XML，文件名加 .json、.xml），其中含此对象，例如操作员、窗口，以及设备、处理步骤、分辨率 */
  record?: Record<string, unknown>;
  /** beyond the standard: picture settings of this one alone, the others as SetCameraImageInfo or SetScannerImageInfo set them / 标准之外：仅用于这一次的图像设置，其余同 SetCameraImageInfo、SetScannerImageInfo 所设 */
  settings?: ImageInfoRequest;
  /** beyond the standard: picture in picture: devNum of a second camera that is shot at the same time, opened for it if nobody has it open / 标准之外：画中画：同时拍摄的第二个摄像头的 devNum，未打开时临时打开 */
  overlayDevNum?: number;
  /** beyond the standard: its corner, row by row: 0 top left, 1 top right, 2 bottom left, 3 bottom right (the default) / 标准之外：画中画的位置，逐行：0 左上，1 右上，2 左下，3 右下（默认） */
  overlayPosition?: 0 | 1 | 2 | 3;
  /** beyond the standard: its width in percent of the picture's, 5 to 50, 25 by default; never more than half as high as the picture / 标准之外：画中画的宽度，占图片宽度的百分比，5 到 50，默认 25；高度不超过图片的一半 */
  overlaySize?: number;
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** 0 stops; 1 takes each new page once, when it lies still and no hand is in the picture; 2 takes one at each interval / 0 停止，1 新的一页放稳且画面中没有手时拍一张，2 按间隔拍摄 */
  mode: 0 | 1 | 2;
  /** interval in seconds, used with mode 2 only / mode 为 2 时的间隔秒数 */
  seconds?: number;
  /** file to write, as of CameraCapture; a name without placeholders is numbered. Without it, unless base64 is false, no file is written / 图片路径，同 CameraCapture；不含占位符的名称自动编号；缺省且 base64 不为 false 时不写文件 */
  imagePath?: string;
  /** true pushes base64 and writes no file, false writes files, by default names without imagePath; when missing, true without imagePath / true：推送 base64 而不写文件；false：使用默认文件名；缺省：没有 imagePath 时为 true */
  base64?: boolean;
}

export type SetCameraAutoCaptureAnswer = Record<never, never>;

export interface AutoCapturePush {
  /** beyond the standard: whether the picture can be read; of several the worst / 标准之外：图片是否清晰可读；多张图片时为最差的一张 */
  verdict?: PictureVerdict;
  /** beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten minutes; absent if none is kept / 标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项 */
  handle?: string;
  /** beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from the result's top left; absent where nothing was cut, or a curved page was flattened / 标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；未裁切或曲面展平时没有此项 */
  corners?: number[][];
  /** beyond the standard: what became of the crop / 标准之外：裁切的结果 */
  crop?: PictureCrop;
  /** beyond the standard: what a page was taken for where imageType is 8 (automatic): a document, a card or cover, a photograph / 标准之外：imageType 为 8（自动）时，页面被当作什么：document 文档，card 卡片或封面，photograph 照片 */
  pageKind?: "card" | "document" | "photograph";
  /** beyond the standard: of several pictures the verdict on each of imagePath / 标准之外：多张图片时每张的结论，与 imagePath 的顺序一致 */
  verdicts?: PictureVerdict[];
  /** beyond the standard: of several files, original and corners of each of imagePath / 标准之外：有多个文件时，每个文件的原图和裁切的四个角，与 imagePath 的顺序一致 */
  cuts?: PictureCut[];
  /** index into devInfo / 设备编号 */
  devNum: number;
  /** number of the capture, from 1 / 第几次拍摄，从 1 开始 */
  captureIndex: number;
  /** pictures of this capture / 本次拍摄的图片总数 */
  imageCount?: number;
  /** which one this is, from 1 / 第几张，从 1 开始 */
  imageIndex?: number;
  /** the picture in base64 / 图片的 base64 */
  imageBase64Str?: string;
  /** the same as imageBase64Str / 与 imageBase64Str 相同 */
  imgBase64Str?: string;
  /** format, for example image/jpg / 图片格式，例如 image/jpg */
  mime?: string;
  /** width of the picture in pixels / 图片宽度（像素） */
  width?: number;
  /** height of the picture in pixels / 图片高度（像素） */
  height?: number;
  /** the files written, one for each picture / 已写入的文件，每张图片一个 */
  imagePath?: string[];
}

export interface AutoCaptureReason {
  /** index into devInfo / 设备编号 */
  devNum: number;
  /** moving, hand (one is in the picture), same page (it was taken before), blurred, no page, or missed: a page was taken away before it was captured / moving 画面在动，hand 画面中有手，same page 仍是已拍过的页，blurred 未对焦，no page 没有页，missed 有一页未拍到就被拿走了 */
  reason: "blurred" | "hand" | "missed" | "moving" | "no page" | "same page";
}

export interface StartRecordRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** file to write (mkv); empty: a default name / 文件名，后缀为 mkv；为空时使用默认名称 */
  filePath?: string;
  /** longest, in seconds / 最长秒数 */
  seconds?: number;
  /** largest file, in bytes / 文件最大字节数 */
  maxBytes?: number;
}

export interface StartRecordAnswer {
  /** the recording, a Matroska file / 录像文件（Matroska） */
  filePath: string;
}

export interface RecordFinished {
  /** always OnRecordFinished / 始终为 OnRecordFinished */
  event: "OnRecordFinished";
  /** always record / 始终为 record */
  kind: "record";
  /** the file; none if the disk failed / 录像文件；写入失败时没有 */
  filePath?: string;
  /** why it ended, as StopRecord tells / 结束原因，见 StopRecord */
  reason?: string;
}

export interface StopRecordRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
}

export interface StopRecordAnswer {
  /** the recording, a Matroska file / 录像文件（Matroska） */
  filePath: string;
  /** its length in seconds / 时长（秒） */
  seconds: number;
  /** size of the file in bytes / 文件大小（字节） */
  size: number;
  /** captures made meanwhile, each the beginning of a chapter / 其间的拍照次数，每次为一个章节 */
  captures: number;
  /** why it ended: stopped; seconds or bytes: a limit; disk: nearly full; device: the camera was closed or unplugged; mode: another resolution / 结束原因：stopped 已停止，seconds、bytes 达到上限，disk 磁盘将满，device 摄像头已关闭或断开，mode 分辨率已更换 */
  reason: "bytes" | "device" | "disk" | "mode" | "seconds" | "stopped";
  /** whether it is signed; one that is not has a hash of every five seconds all the same / 是否已签名；未签名的录像同样带有每 5 秒一次的哈希 */
  signed: boolean;
}

export type GetScannerNameRequest = Record<never, never>;

export interface GetScannerNameAnswer {
  /** names of the scanners / 扫描仪名称列表 */
  scannerName: string[];
}

export interface GetScannerInfoRequest {
  /** index into scannerName / 设备编号，与 scannerName 的顺序一致 */
  devIndex?: number;
}

export interface GetScannerInfoAnswer {
  /** paper sources; -1 if the driver has no such option / 扫描类型；驱动没有此选项时为 -1 */
  scanSources: string[] | -1;
  /** colour modes; -1 if the driver has no such option / 扫描模式；驱动没有此选项时为 -1 */
  scanModes: string[] | -1;
  /** resolutions in dpi; -1 if the driver has no such option / 扫描分辨率；驱动没有此选项时为 -1 */
  scanResolutions: string[] | -1;
  /** paper sizes; -1 if the driver has no such option / 纸张大小；驱动没有此选项时为 -1 */
  scanPapers: string[] | -1;
  /** beyond the standard: further parameters of Scan that make a difference with this scanner; scanMode stands for "auto" / 标准之外：对此扫描仪起作用的其他 Scan 参数；scanMode 指 "auto" */
  scanExtras?: "doubleFeed" | "dropBlank" | "dropout" | "scanMode" | "streams" | "threshold" | "turnBacks"[];
}

export interface SetScannerImageInfoRequest {
  /** crop: 0 none, 1 single, 2 multi, 3 curve correction, 4 manual / 裁切：0 不裁切，1 单图，2 多图，3 曲面矫正，4 手动 */
  cropType?: 0 | 1 | 2 | 3 | 4;
  /** rectangle of the manual crop, used with cropType 4 only; {left,top,width,height}, [left,top,right,bottom] and "left,top,right,bottom" are accepted too / 手动裁切的矩形，仅 cropType 为 4 时使用；也接受 {left,top,width,height}、[左,上,右,下] 和 "左,上,右,下" */
  cropRect?: CropRect;
  /** picture: 0 original, 1 grey, 2 black-and-white document, 3 colour document, 4 red-stamp document, 5 blue-stamp document, 6 colour photo, 7 receipt; beyond the standard: 8 automatic (document, card or photograph, see pageKind) / 图像：0 原色，1 灰度，2 黑白文档，3 彩色文档，4 红印文档，5 蓝印文档，6 彩色照片，7 票据增强；标准之外：8 自动（文档、卡片或照片，见 pageKind） */
  imageType?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** border: 0 none, 1 white, 2 surrounding colour / 填充边缘：0 不填充，1 白色，2 周边色 */
  fillBorderType?: 0 | 1 | 2;
  /** removal: 0 none, 1 fingers, 2 punch holes; beyond the standard: 3 what shows through from the back / 去除异物：0 无，1 手指，2 装订孔；标准之外：3 背面透过来的字迹 */
  removalForeign?: 0 | 1 | 2 | 3;
  /** degrees to turn clockwise / 顺时针旋转的角度 */
  rotate?: 0 | 90 | 180 | 270;
  /** beyond the standard: straighten by the lines of text, whatever the crop / 标准之外：任何裁切方式都按文字行纠偏 */
  deskew?: boolean;
  /** beyond the standard: turn captures by quarters until their text stands upright / 标准之外：拍照结果按文字自动转正 */
  upright?: boolean;
}

export type SetScannerImageInfoAnswer = Record<never, never>;

export interface ScanRequest {
  /** beyond the standard: quality of JPEG and WebP, 1 to 100 / 标准之外：JPEG 和 WebP 的质量，1 到 100 */
  quality?: number;
  /** beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; an error for PNG, BMP and TIFF that do not fit / 标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错 */
  maxBytes?: number;
  /** beyond the standard: resolution that JPEG, PNG, TIFF and PDF state / 标准之外：写入 JPEG、PNG、TIFF、PDF 的分辨率 */
  dpi?: number;
  /** beyond the standard: colours: 0 as processed, 1 grey, 2 black and white / 标准之外：颜色：0 按处理结果，1 灰度，2 黑白 */
  colorMode?: 0 | 1 | 2;
  /** beyond the standard: watermark, drawn last; a string alone is its text / 标准之外：水印，最后画上；也接受只有文字的字符串 */
  watermark?: WatermarkOptions;
  /** beyond the standard: name of a set of parameters in [profiles] of the configuration, or an object with them; those of the request itself come first / 标准之外：配置 [profiles] 中一组参数的名称，或含有这些参数的对象；请求自己的参数优先 */
  profile?: string;
  /** beyond the standard: an object, maybe empty: write a record beside the file (JSON and XML, its name with .json and .xml) with the object in it, such as operator or window, and with device, stages and resolution / 标准之外：对象（可为空）：为写入的文件附上记录（JSON 和 XML，文件名加 .json、.xml），其中含此对象，例如操作员、窗口，以及设备、处理步骤、分辨率 */
  record?: Record<string, unknown>;
  /** beyond the standard: picture settings of this one alone, the others as SetCameraImageInfo or SetScannerImageInfo set them / 标准之外：仅用于这一次的图像设置，其余同 SetCameraImageInfo、SetScannerImageInfo 所设 */
  settings?: ImageInfoRequest;
  /** index into scannerName / 设备编号，与 scannerName 的顺序一致 */
  devIndex?: number;
  /** index into scanSources; beyond the standard: "auto" for the feeder if it holds paper, else the glass / 扫描类型编号；标准之外："auto" 进纸器有纸时用进纸器，否则用平板 */
  scanSource?: number | "auto";
  /** beyond the standard: both sides on a one-sided feeder, in two scans: front, then the pile turned over, then back; of files, the second answer lists those of both, each front before its back / 标准之外：单面进纸器分两遍扫双面：先 front，把整叠纸翻过来，再 back；存为文件时第二遍的应答按正反面顺序列出两遍的文件 */
  side?: "back" | "front";
  /** beyond the standard: order of the backs: reversed, the last sheet first, as a pile comes that was turned over whole; same as the fronts / 标准之外：背面的顺序：reversed 最后一张先进（整叠翻转），same 与正面相同 */
  backOrder?: "reversed" | "same";
  /** index into scanModes; beyond the standard: "auto" scans in colour, and gives pages without colour in grey / 扫描模式编号；标准之外："auto" 彩色扫描，没有颜色的页给出灰度图 */
  scanMode?: number | "auto";
  /** index into scanResolutions / 扫描分辨率编号 */
  scanResolution?: number;
  /** index into scanPapers / 纸张大小编号 */
  scanPaperSize?: number;
  /** beyond the standard: go on with the scan that a fault ended (resumePage of its answer), once the sheets not yet scanned are back; with its parameters, but for doubleFeed. Numbers and names follow on, and the last answer lists all files / 标准之外：继续因故障中断的扫描（应答中的 resumePage）：先把尚未扫描的纸放回；参数同那次扫描，仅 doubleFeed 取此次的；页码、文件名接续，最后列出全部文件 */
  resume?: boolean;
  /** beyond the standard: double feeds and staples: detect, the default, stops where the scanner can tell; ignore does not, for envelopes and sheets with something stuck on / 标准之外：一次进两张纸、订书钉：detect 扫描仪能检测时停下（默认），ignore 不检测（信封、贴纸） */
  doubleFeed?: "detect" | "ignore";
  /** beyond the standard: blank pages that are left out: none, the default; blank backs; all. Of a feeder alone / 标准之外：不交付空白页：none 全部交付（默认），backs 空白的背面，all 所有空白页；仅限进纸器 */
  dropBlank?: "all" | "backs" | "none";
  /** beyond the standard: turn backs by 180 degrees, where the driver gives them upside down or sheets are bound at the top / 标准之外：背面旋转 180 度：驱动送来的背面上下颠倒，或原件上下翻页时 */
  turnBacks?: boolean;
  /** beyond the standard: several pictures of each page from one pass: asSet, gray, bw (black and white); empty for asSet. stream of the answer tells which / 标准之外：一次扫描每页给出几种图片：asSet 按设置，gray 灰度，bw 黑白；为空即 asSet；应答的 stream 说明是哪种 */
  streams?: "asSet" | "bw" | "gray"[];
  /** beyond the standard: colour of ink that vanishes; gives grey, or black and white. By the picture core where the scanner cannot / 标准之外：滤除一种颜色的墨迹，结果为灰度或黑白；扫描仪不能滤色时由图像算法完成 */
  dropout?: "" | "blue" | "green" | "red";
  /** beyond the standard: of a scan in black and white: driver, the default, for its own; own for a scan in grey whose ink the picture core tells from paper / 标准之外：黑白扫描时：driver 驱动自己的黑白（默认），own 灰度扫描后由图像算法转黑白 */
  threshold?: "driver" | "own";
  /** width of a User Defined paper in mm / 自定义纸张（User Defined）的宽度，毫米 */
  paperWidth?: number;
  /** height of a User Defined paper in mm / 自定义纸张（User Defined）的高度，毫米 */
  paperHeight?: number;
  /** file to write; empty: default folder and name; when the key is absent, pages come as base64; placeholders as in CameraCapture / 图片保存路径；为空字符串时使用默认目录和文件名；没有此参数时返回 base64；占位符同 CameraCapture */
  imagePath?: string;
  /** with imagePath: also send each picture once it is written, as without, for the page to show / 有 imagePath 时：每写入一张图片再发送一条带 imageBase64Str 的应答，供网页显示 */
  withImage?: boolean;
  /** beyond the standard: while a page comes, its rows in small (OnScanRows), to be shown / 标准之外：扫描过程中以通知 OnScanRows 逐段发送正在进来的页面的小图，供网页边扫边显示 */
  withRows?: boolean;
}

export interface ScanAnswer {
  /** beyond the standard: whether the picture can be read; of several the worst / 标准之外：图片是否清晰可读；多张图片时为最差的一张 */
  verdict?: PictureVerdict;
  /** beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten minutes; absent if none is kept / 标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项 */
  handle?: string;
  /** beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from the result's top left; absent where nothing was cut, or a curved page was flattened / 标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；未裁切或曲面展平时没有此项 */
  corners?: number[][];
  /** beyond the standard: what became of the crop / 标准之外：裁切的结果 */
  crop?: PictureCrop;
  /** beyond the standard: what a page was taken for where imageType is 8 (automatic): a document, a card or cover, a photograph / 标准之外：imageType 为 8（自动）时，页面被当作什么：document 文档，card 卡片或封面，photograph 照片 */
  pageKind?: "card" | "document" | "photograph";
  /** beyond the standard: of several pictures the verdict on each of imagePath / 标准之外：多张图片时每张的结论，与 imagePath 的顺序一致 */
  verdicts?: PictureVerdict[];
  /** beyond the standard: of several files, original and corners of each of imagePath / 标准之外：有多个文件时，每个文件的原图和裁切的四个角，与 imagePath 的顺序一致 */
  cuts?: PictureCut[];
  /** the picture in base64; not of a file in a format that browsers do not show / 图片的 base64；已写入而浏览器不能显示的格式没有此项 */
  imageBase64Str?: string;
  /** how many pictures there are, once it is known / 图片总数，已知时才有 */
  imageCount?: number;
  /** which one this is, from 1 / 第几张，从 1 开始 */
  imageIndex?: number;
  /** the files written; in the message of one picture (withImage) its own / 已写入的文件；withImage 的每张图片一条应答中只有它自己的文件 */
  imagePath?: string[];
  /** format, for example image/jpg / 图片格式，例如 image/jpg */
  mime?: string;
  /** width of the picture in pixels / 图片宽度（像素） */
  width?: number;
  /** height of the picture in pixels / 图片高度（像素） */
  height?: number;
  /** the page it comes from, from 1; several pictures may / 来自第几页，从 1 开始；多图裁切时一页有几张 */
  page?: number;
  /** beyond the standard: in two scans: the sheet, from 1 / 标准之外：分两遍扫双面时：第几张纸，从 1 开始 */
  sheet?: number;
  /** beyond the standard: in two scans: its side / 标准之外：分两遍扫双面时：哪一面 */
  side?: "back" | "front";
  /** beyond the standard: with streams: which of them / 标准之外：请求了 streams 时：哪种图片 */
  stream?: "asSet" | "bw" | "gray";
  /** beyond the standard: with an error: the page at which a Scan with resume goes on / 标准之外：故障中断了扫描：resume 为 true 的 Scan 从这一页继续 */
  resumePage?: number;
  /** whether the page is blank / 该页是否空白 */
  blank?: boolean;
  /** of files: which of imagePath are blank, from 1 / 存为文件时：空白图片在 imagePath 中的序号，从 1 开始 */
  blankPages?: number[];
}

export type GetScanEndStatueRequest = Record<never, never>;

export interface GetScanEndStatueAnswer {
  /** 0: the scan has ended / 0：扫描已结束 */
  scanEndStatue: 0;
}

export interface RecogDocumentRequest {
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** pictures, PDF or TIFF files, with ; between several; if empty too, the camera takes a picture / 图片、PDF 或 TIFF 文件，多个用 ; 隔开；也为空时用摄像头拍一张 */
  imagePath?: string | string[];
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** find and straighten documents first; may be false for pictures that are cut already / 先找出证件并拉正；图片已经裁好时可为 false */
  crop?: boolean;
}

export interface RecogDocumentAnswer {
  /** the documents found; empty without any / 识别到的证件；没有时为空 */
  documents: DocumentInfo[];
}

export interface SetCameraDocumentReadingRequest {
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** true begins, false ends it / true 开始，false 停止 */
  enable?: boolean;
}

export type SetCameraDocumentReadingAnswer = Record<never, never>;

export interface PrivateCopyRequest {
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** a picture, a PDF or a TIFF / 图片、PDF 或 TIFF 文件 */
  imagePath?: string;
  /** what to cover: id (numbers of documents), bank (card numbers), phone, name, address, portrait / 要遮盖的内容：id 证件号码、bank 卡号、phone 电话、name 姓名和名称、address 地址、portrait 肖像 */
  hide?: "address" | "bank" | "id" | "name" | "phone" | "portrait"[];
  /** rectangles to black out besides, in pixels of the page; written as cropRect, and with a page. With hide [] nothing else is covered, and no page is read / 另外要涂黑的矩形，以页面像素计；写法同 cropRect，另可有 page。hide 为 [] 时只涂黑这些，不识别页面 */
  areas?: CoveredArea[];
  /** text tiled over the copy; may be empty / 平铺在副本上的文字，例如“仅供办理……使用”；可为空 */
  mark?: string;
  /** keep the file of imagePath; by default one that this origin wrote is removed after the copy / 保留 imagePath 的原件；默认在副本写好后删除本网页来源自己写入的原件 */
  keepOriginal?: boolean;
  /** file of the copy, its suffix decides the format; absent: default folder and name; absent with base64 true: no file is written / 副本的文件，后缀名决定格式；没有时使用默认目录和文件名；没有此参数且 base64 为 true 时不写文件 */
  filePath?: string;
  /** give the copy back in the answer / 应答中带回副本 */
  base64?: boolean;
}

export interface PrivateCopyAnswer {
  /** the copy, if it was written to a file / 已写入的副本；没有写文件时没有此项 */
  filePath?: string;
  /** if base64 was requested: the copy itself / 请求了 base64 时：副本的内容 */
  fileBase64?: string;
  /** format of the copy / 副本的格式 */
  mime: string;
  /** number of pages / 页数 */
  pages: number;
  /** the file of imagePath is removed; only files that this origin wrote are / imagePath 的原件已删除；只删除本网页来源自己写入的文件 */
  removed: boolean;
  /** how many parts of each kind are covered; area: rectangles of areas / 各类内容遮盖了多少处；area 为 areas 的矩形数 */
  hidden: Record<string, number>;
}

export interface RecogBarCodeRequest {
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** files to read, with ; between several / 图片路径，多个文件用 ; 隔开 */
  imagePath?: string | string[];
  /** beyond the standard: read only these kinds; if left out, all that the standard lists, and DataMatrix, PDF417 and Aztec / 标准之外：只识别这些编码方式；不给出时为标准所列的全部和 DataMatrix、PDF417、Aztec */
  codeTypes?: "Aztec" | "Codabar" | "DX" | "DataBar" | "DataBar Expanded" | "DataBar Limited" | "DataMatrix" | "EAN13" | "EAN8" | "Interleaved 2 of 5" | "MSI" | "MaxiCode" | "MicroPDF417" | "MicroQR" | "PDF417" | "Pharma" | "QR" | "Telepen" | "UCC_128" | "UPC-A" | "UPC-E" | "code128" | "code39" | "code93" | "rMQR"[];
  /** beyond the standard: with the fields of their texts, checked: GS1 application identifiers, AAMVA licences, IATA boarding passes / 标准之外：同时给出条码内容中的各项（GS1 应用标识符、AAMVA 驾照、IATA 登机牌）并校验 */
  parse?: boolean;
}

export interface RecogBarCodeAnswer {
  /** the codes found; empty without any / 识别到的条码；没有时为空 */
  codeInfos: CodeInfo[];
}

export interface RecogTextRequest {
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** files to read, PDFs and TIFFs of many pages too, with ; between several; if empty too, the camera takes a picture / 图片、PDF 或多页 TIFF 文件，多个文件用 ; 隔开；也为空时用摄像头拍一张 */
  imagePath?: string | string[];
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** read only the sheet that the picture shows, found and set straight first; all of the picture where none is found / 只识别图片中的纸张：先找到并拉正；找不到时识别整张图片 */
  crop?: boolean;
  /** with the cells of its tables / 同时给出表格的单元格 */
  tables?: boolean;
}

export interface RecogTextAnswer {
  /** each page, one without text too / 各页的文字，没有文字的页也在其中 */
  textInfos: TextInfo[];
}

export interface RecogFormRequest {
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** pictures, PDF or TIFF files, with ; between several; if empty too, the camera takes a picture / 图片、PDF 或 TIFF 文件，多个用 ; 隔开；也为空时用摄像头拍一张 */
  imagePath?: string | string[];
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** look for forms of these names only; if left out, for all that were taught / 只在这些名称的表单中寻找；不给出时为已示教的全部表单 */
  forms?: string | string[];
}

export interface RecogFormAnswer {
  /** each page, of no form too / 各页，不是表单的也在其中 */
  formInfos: FormInfo[];
}

export interface UploadHttpFileRequest {
  /** beyond the standard: name of a set of parameters in [profiles] of the configuration, or an object with them; those of the request itself come first / 标准之外：配置 [profiles] 中一组参数的名称，或含有这些参数的对象；请求自己的参数优先 */
  profile?: string;
  /** where to send it; one of the allowed addresses / 上传地址，须在允许的地址之内 */
  url?: string;
  /** beyond the standard: in place of url, the name of a target, as GetServiceInfo lists them / 标准之外：代替 url，配置中目标的名称（见 GetServiceInfo） */
  target?: string;
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** files to send, with ; between several / 图片路径，多个文件用 ; 隔开 */
  imagePath?: string | string[];
  /** form parameters by name; repeated keys and arrays become repeated fields / 表单的参数；重复的键和数组成为重复的字段 */
  params?: Record<string, string | number | boolean | (string | number | boolean)[]>;
  /** let the service try again later until it succeeds (if the configuration allows it) / 失败后由服务稍后重试，直到成功（须在配置中启用） */
  retry?: boolean;
  /** beyond the standard: with a target, true for notices of the progress, Notify (OnProgress) / 标准之外：发往目标时，true 时推送进度 Notify（OnProgress） */
  progress?: boolean;
}

export interface UploadHttpFileAnswer {
  /** HTTP status / HTTP 状态码 */
  status?: number;
  /** the server's answer, maybe cut / 服务器应答，可能被截短 */
  response?: string;
  /** with an error: whether it will be tried again / 失败后是否已排队重试 */
  queued?: boolean;
  /** with a target: the files that it has / 发往目标时：已送达的文件 */
  receipts?: DeliveryReceipt[];
}

export interface ProposeSplitRequest {
  /** beyond the standard: one or several pictures in base64, in this order; if empty, imagePath is read / 标准之外：一张或多张图片的 base64，按此顺序；为空时读取 imagePath */
  imageBase64?: string | string[];
  /** the pictures, in this order / 图片路径的数组，按此顺序 */
  imagePath?: string | string[];
}

export interface ProposeSplitAnswer {
  /** pages at which to split / 建议的新文件首页 */
  starts: ProposedStart[];
}

export interface MergeFileRequest {
  /** beyond the standard: a PDF (fileType 0 or 2) written to ISO 19005, not certified: 2b, 2u (its text has characters), 3b (with attachments) / 标准之外：按 ISO 19005 写出的 PDF（fileType 0 或 2），未经认证：2b；2u（文字可映射为 Unicode）；3b（可带附件） */
  pdfa?: "" | "2b" | "2u" | "3b";
  /** beyond the standard: with pdfa 3b, attach the originals / 标准之外：pdfa 为 3b 时，把原文件附在其中 */
  attachOriginals?: boolean;
  /** beyond the standard: true to merge pages of PDFs as pictures, for those that do not conform to PDF/A / 标准之外：true 时 PDF 的页面作为图片合并，用于不符合 PDF/A 的页面 */
  rasterize?: boolean;
  /** beyond the standard: PDFs that are signed: refuse them, attach the original to what is merged (pdfa 3b), or break the signature / 标准之外：已签名的 PDF：refuse 拒绝；attach 合并并附上原件（pdfa 为 3b）；break 合并，签名失效 */
  signed?: "attach" | "break" | "refuse";
  /** beyond the standard: sign the PDF with the key of this machine or of the configuration / 标准之外：用本机或配置的密钥为生成的 PDF 签名 */
  sign?: boolean;
  /** beyond the standard: an object, maybe empty: make a record (JSON and XML) with it inside, such as operator or window, and with device, stages and resolution of pictures that were taken here; in the PDF with attachOriginals, else beside the file (its name with .json and .xml) / 标准之外：对象（可为空）：生成记录（JSON 和 XML），其中含此对象，例如操作员、窗口，以及本机拍摄的图片的设备、处理步骤、分辨率；有 attachOriginals 时附在 PDF 中，否则在文件旁（文件名加 .json、.xml） */
  record?: Record<string, unknown>;
  /** beyond the standard: name of a set of parameters in [profiles] of the configuration, or an object with them; those of the request itself come first / 标准之外：配置 [profiles] 中一组参数的名称，或含有这些参数的对象；请求自己的参数优先 */
  profile?: string;
  /** beyond the standard: one or several pictures in base64, in this order; if empty, imagePath is read / 标准之外：一张或多张图片的 base64，按此顺序；为空时读取 imagePath */
  imageBase64?: string | string[];
  /** the pictures, in this order / 图片路径的数组，按此顺序 */
  imagePath?: string | string[];
  /** kind of file: 0 PDF, 1 TIFF of many pages, 2 searchable PDF, 3 OFD (searchable where text can be recognized), 4 the recognized text alone (txt), 5 that text, a paragraph a line (docx), 6 the tables, a sheet a page (xlsx) / 文件类型：0 PDF；1 多页 TIFF；2 可搜索的 PDF；3 OFD（能识别文字时带文字层）；4 识别出的纯文本（txt）；5 识别出的文字，每行一段（docx）；6 识别出的表格，每页一个工作表（xlsx） */
  fileType?: 0 | 1 | 2 | 3 | 4 | 5 | 6;
  /** file to write; empty: default folder and name; beyond the standard: with placeholders, when no file is ever replaced / 生成的文件；为空时使用默认目录和文件名；标准之外：可含占位符，此时从不覆盖文件 */
  filePath?: string;
  /** beyond the standard: also give the file back in the answer, up to 24 MiB / 标准之外：应答中同时带回生成的文件（不超过 24 MiB） */
  base64?: boolean;
  /** beyond the standard: several files, by barcode: 0 no, 1 a page with one begins a new file, 2 a page with one only separates and is in none, 3 a page with patch code T only separates and is in none / 标准之外：按条码分成多个文件：0 不分；1 有条码的页开始新文件；2 有条码的页仅作分隔，不写入文件；3 印有 Patch Code T 的页仅作分隔，不写入文件 */
  splitByBarCode?: 0 | 1 | 2 | 3;
  /** beyond the standard: only barcodes that begin so count / 标准之外：只按以此开头的条码分 */
  splitCode?: string;
  /** beyond the standard: most pages of a file; 0 for any number / 标准之外：每个文件最多几页；0 不限 */
  splitEvery?: number;
  /** beyond the standard: blank pages separate and are in none / 标准之外：空白页仅作分隔，不写入 */
  splitAtBlank?: boolean;
  /** beyond the standard: pages, from 1, that begin a file, such as of a proposal that was agreed to / 标准之外：开始新文件的页码，从 1 开始，例如人工确认后的 ProposeSplit 结果 */
  splitPages?: number[];
  /** beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; an error for PNG, BMP and TIFF that do not fit / 标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错 */
  maxBytes?: number;
  /** beyond the standard: true for a smaller PDF (fileType 0 or 2): print keeps its resolution, paper gets less, pictures are compressed more; a page that would not become smaller stays as it is / 标准之外：true 时 PDF（fileType 0 或 2）更小：文字保持原分辨率，纸张降低分辨率，图片压缩更多；不会因此变小的页面保持不变 */
  smallFile?: boolean;
  /** beyond the standard: whether an OFD gets a text layer; false for pictures alone, at once / 标准之外：OFD 是否带文字层；false 只放图片，立即完成 */
  searchable?: boolean;
  /** beyond the standard: true for notices of the progress, Notify (OnProgress) / 标准之外：true 时推送进度 Notify（OnProgress） */
  progress?: boolean;
  /** beyond the standard: once written, deliver it to this target, as GetServiceInfo lists them; where that fails the answer is its error, and the file stays / 标准之外：写入后再发往配置中此名称的目标（见 GetServiceInfo）；发送失败时返回其错误，文件保留 */
  target?: string;
  /** let the service try again later until it succeeds (if the configuration allows it) / 失败后由服务稍后重试，直到成功（须在配置中启用） */
  retry?: boolean;
}

export interface MergeFileAnswer {
  /** the file written / 已写入的文件 */
  filePath: string;
  /** how many pages it has / 页数 */
  pageCount: number;
  /** pages that are blank, from 1; none is dropped / 空白页的页码，从 1 开始；空白页不会被删除 */
  blankPages: number[];
  /** if base64 was requested: the file itself / 请求了 base64 时：文件的内容 */
  fileBase64?: string;
  /** beyond the standard: address to download the file from, for pages of this site, once, in ten minutes / 标准之外：下载此文件的地址，仅限本网站的页面，用一次，约 10 分钟内有效 */
  downloadUrl?: string;
  /** if they are split by barcode: all files written / 按条码分开时：写入的所有文件 */
  files?: MergedFile[];
  /** with an error: whether it will be tried again / 失败后是否已排队重试 */
  queued?: boolean;
  /** with a target: the files that it has / 发往目标时：已送达的文件 */
  receipts?: DeliveryReceipt[];
}

export interface ProgressPush {
  /** what happened / 事件 */
  event: "OnProgress";
  /** what is being done: merge, or upload to a target / 在做什么：merge 合并，upload 发往目标 */
  kind: "merge" | "upload";
  /** pages that are done; of upload, bytes of the file / 已完成的页数；upload 为字节数 */
  done: number;
  /** pages altogether, more while files turn out to have several; of upload, the file's bytes / 总页数，打开文件时可能增加；upload 为文件的字节数 */
  total: number;
}

export interface ListFilesRequest {
  /** beginning of their path, relative to the storage folder or absolute, for example case17/; empty for all / 路径的开头，相对存储目录或绝对，例如 case17/；为空时为全部 */
  prefix?: string;
  /** how many to pass over / 跳过最新的多少个 */
  offset?: number;
  /** how many to return at most / 最多返回多少个 */
  limit?: number;
}

export interface ListFilesAnswer {
  /** files, the newest first / 文件，最新的在前 */
  files: FileEntry[];
  /** whether there are older ones / 是否还有更早的文件 */
  more: boolean;
}

export interface GetFileRequest {
  /** a file that pages of this site made / 本网站的页面生成的文件 */
  path: string;
  /** give the file in the answer, up to 24 MiB, and no downloadUrl / 应答中带回文件（不超过 24 MiB），没有 downloadUrl */
  base64?: boolean;
}

export interface GetFileAnswer {
  /** its path / 路径 */
  path: string;
  /** its size in bytes / 字节数 */
  size: number;
  /** time of its last change / 最后修改时间 */
  time: string;
  /** kind of file, for example application/pdf / 文件类型，例如 application/pdf */
  mime: string;
  /** beyond the standard: address to download the file from, for pages of this site, once, in ten minutes / 标准之外：下载此文件的地址，仅限本网站的页面，用一次，约 10 分钟内有效 */
  downloadUrl?: string;
  /** if base64 was requested: the file itself / 请求了 base64 时：文件的内容 */
  fileBase64?: string;
}

export interface SignFileRequest {
  /** the file to sign / 要签名的文件 */
  path: string;
  /** c2pa: content credentials (C2PA) in a JPEG: device and time of the capture, and what was done to it; empty: by the kind of file / c2pa：把内容凭证（C2PA）签入 JPEG：拍摄的设备、时间和处理步骤；为空时按文件类型 */
  format?: "" | "c2pa";
  /** file to write: of a PDF the signed PDF, with c2pa the signed JPEG, of anything else its signature, .p7s; empty: beside it / 生成的文件：PDF 为已签名的 PDF，c2pa 为已签名的 JPEG，其他文件为 .p7s 签名；为空时在原文件旁命名 */
  filePath?: string;
}

export interface SignFileAnswer {
  /** the file written / 已写入的文件 */
  filePath: string;
}

export interface VerifyFileRequest {
  /** the file to verify / 要验证的文件 */
  path?: string;
  /** it in base64; if empty, path is read / 文件的 base64；为空时读取 path */
  fileBase64?: string;
  /** signature of a file that is no PDF / PDF 以外文件的签名（.p7s） */
  signaturePath?: string;
  /** that signature in base64 / 该签名的 base64 */
  signatureBase64?: string;
}

export interface VerifyFileAnswer {
  /** it is signed, and all that it claims holds / 有签名，且声明的内容全部成立 */
  holds: boolean;
  /** the signatures / 各个签名 */
  signatures: FileSignature[];
  /** of the file: unsigned, record.pages, ... / 整个文件的问题，例如 unsigned、updated */
  problems: string[];
  /** level of PDF/A that it claims, for example 2b / 声明的 PDF/A 级别，例如 2b */
  pdfa: string;
  /** clauses broken, not certified / 违反的条款（自行检查，未经认证） */
  breaches: string[];
  /** to be known, for example javascript / 应当知道的，例如 javascript */
  notes: string[];
  /** the record inside the file or beside it, if any / 文件内或文件旁的记录 */
  record?: Record<string, unknown>;
  /** what a recording says of itself; else none / 录像的自证；其他文件没有 */
  recording?: FileRecording;
}

export interface RequestSignatureRequest {
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** the PDF, picture or TIFF to be signed / 要签字的 PDF、图片或 TIFF 文件 */
  imagePath?: string;
  /** who is to sign: shown to the signer, and kept in the file / 签字人，显示在签字页上，写入文件 */
  signer: string;
  /** what it is signed for; may be empty / 签字的事由，可为空 */
  reason?: string;
  /** page to sign, from 1 / 签在第几页，从 1 起 */
  page?: number;
  /** left of the field in mm from the page's top left as it is shown / 签字框的左边，从所见页面的左上角起，毫米 */
  left?: number;
  /** top of the field in mm / 签字框的上边，毫米 */
  top?: number;
  /** width of the field in mm / 签字框的宽，毫米 */
  width?: number;
  /** height of the field in mm / 签字框的高，毫米 */
  height?: number;
  /** in place of page, left and top: text that marks the place, such as 签字; the field is to the right of it, or below it where there is no room / 代替 page、left、top：标明位置的文字，例如“签字”；签字框在其右侧，放不下时在其下方 */
  find?: string;
  /** it can be signed only after it was scrolled to its end / 须翻到文件末尾才能签字 */
  readToEnd?: boolean;
  /** the document is signed, and this is a further signer; without it a signed one answers 4024 / 文件已有签名，这是其后的签字人；没有此项时已签名的文件返回 4024 */
  countersign?: boolean;
  /** time to wait for the signature, in ms / 等待签字的毫秒数 */
  timeout?: number;
  /** the signed PDF; absent: the name of imagePath with -signed, and of a picture that was sent, in the answer alone / 签好的 PDF；没有时为 imagePath 加 -signed，上传的图片则只在应答中带回 */
  filePath?: string;
  /** give the signed PDF back in the answer / 应答中带回签好的 PDF */
  base64?: boolean;
}

export interface RequestSignatureAnswer {
  /** the signed PDF, if it was written / 签好的 PDF，如已写入文件 */
  filePath?: string;
  /** the signed PDF in base64 / 签好的 PDF 的 base64 */
  fileBase64?: string;
  /** SHA-256 of the document that was shown; the signed PDF begins with its bytes / 签字人所见文件的 SHA-256；签好的 PDF 以该文件的字节开头 */
  document: string;
  /** when the signer was done, by the machine's clock / 签字完成的时间，按本机时钟 */
  time: string;
  /** the handwriting in SVG, without a background / 字迹，SVG，背景透明 */
  svg: string;
  /** the handwriting as a PNG in base64, without a background / 字迹，PNG 的 base64，背景透明 */
  png: string;
  /** what it was written with / 用什么签的 */
  pointer: "" | "mouse" | "pen" | "touch";
}

export interface SignaturePush {
  /** event / 事件 */
  event: "OnSignature";
  /** waiting: url is to be opened; opened: the signer sees the document; read: it was scrolled to its end; writing; sealing: the signer is done, the document is being sealed / waiting 等待打开 url；opened 签字人已看到文件；read 已翻到末尾；writing 正在写；sealing 已写完，正在封存 */
  state: "opened" | "read" | "sealing" | "waiting" | "writing";
  /** in state waiting: address of the page for signing, good once and for two minutes, for the second screen / state 为 waiting 时：签字页的地址，两分钟内有效，只能打开一次；请在第二屏幕上打开 */
  url?: string;
}

export type CancelSignatureRequest = Record<never, never>;

export type CancelSignatureAnswer = Record<never, never>;

export interface GetStampsRequest {
  /** the clerk, {clerk} in texts of stamps / 经办人，印章文字中的 {clerk} */
  clerk?: string;
}

export interface GetStampsAnswer {
  /** the stamps there are; one whose file cannot be read is left out, and says why when it is used / 可用的印章；文件不能读取的不在其中，用到时说明原因 */
  stamps: StampInfo[];
}

export interface StampFileRequest {
  /** the picture in base64; if empty, imagePath is read / 图片的 base64；为空时读取 imagePath */
  imageBase64?: string;
  /** a picture, a PDF or a TIFF / 图片、PDF 或 TIFF 文件 */
  imagePath?: string;
  /** the stamps and their places, laid one after the other / 印章及其位置，依次盖上 */
  stamps: PlacedStamp[];
  /** the clerk, {clerk} in texts of stamps / 经办人，印章文字中的 {clerk} */
  clerk?: string;
  /** stamped file, its suffix decides the format; empty: default folder and name; absent with base64 true: no file is written / 盖章后的文件，后缀名决定格式；为空时使用默认目录和文件名；没有此参数且 base64 为 true 时不写文件 */
  filePath?: string;
  /** give the file back in the answer / 应答中带回文件 */
  base64?: boolean;
}

export interface StampFileAnswer {
  /** the file written, if one was / 已写入的文件；没有写文件时没有此项 */
  filePath?: string;
  /** if base64 was requested: the file itself / 请求了 base64 时：文件的内容 */
  fileBase64?: string;
  /** format of the file / 文件格式 */
  mime: string;
  /** number of pages / 页数 */
  pages: number;
}

export interface ProcessImageRequest {
  /** beyond the standard: quality of JPEG and WebP, 1 to 100 / 标准之外：JPEG 和 WebP 的质量，1 到 100 */
  quality?: number;
  /** beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; an error for PNG, BMP and TIFF that do not fit / 标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错 */
  maxBytes?: number;
  /** beyond the standard: resolution that JPEG, PNG, TIFF and PDF state / 标准之外：写入 JPEG、PNG、TIFF、PDF 的分辨率 */
  dpi?: number;
  /** beyond the standard: colours: 0 as processed, 1 grey, 2 black and white / 标准之外：颜色：0 按处理结果，1 灰度，2 黑白 */
  colorMode?: 0 | 1 | 2;
  /** beyond the standard: watermark, drawn last; a string alone is its text / 标准之外：水印，最后画上；也接受只有文字的字符串 */
  watermark?: WatermarkOptions;
  /** handle of a capture's or a scan's answer / 拍照或扫描应答中的 handle */
  handle?: string;
  /** or: the picture in base64 / 或：图片的 base64 */
  imageBase64?: string;
  /** or: a file; of a PDF its first page / 或：图片文件；PDF 取第一页 */
  imagePath?: string;
  /** cut out by four corners, [[x,y],...] in pixels of the original, whatever rotate says, clockwise from the top left; they may lie somewhat outside of it / 按四个角裁出 [[x,y],...]：原图的像素（不受 rotate 影响），从左上角起顺时针，可略在图片之外 */
  corners?: number[][];
  /** crop: 0 none, 1 single, 2 multi, 3 curve correction, 4 manual / 裁切：0 不裁切，1 单图，2 多图，3 曲面矫正，4 手动 */
  cropType?: 0 | 1 | 2 | 3 | 4;
  /** rectangle of the manual crop, used with cropType 4 only; {left,top,width,height}, [left,top,right,bottom] and "left,top,right,bottom" are accepted too / 手动裁切的矩形，仅 cropType 为 4 时使用；也接受 {left,top,width,height}、[左,上,右,下] 和 "左,上,右,下" */
  cropRect?: CropRect;
  /** picture: 0 original, 1 grey, 2 black-and-white document, 3 colour document, 4 red-stamp document, 5 blue-stamp document, 6 colour photo, 7 receipt; beyond the standard: 8 automatic (document, card or photograph, see pageKind) / 图像：0 原色，1 灰度，2 黑白文档，3 彩色文档，4 红印文档，5 蓝印文档，6 彩色照片，7 票据增强；标准之外：8 自动（文档、卡片或照片，见 pageKind） */
  imageType?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** border: 0 none, 1 white, 2 surrounding colour / 填充边缘：0 不填充，1 白色，2 周边色 */
  fillBorderType?: 0 | 1 | 2;
  /** removal: 0 none, 1 fingers, 2 punch holes; beyond the standard: 3 what shows through from the back / 去除异物：0 无，1 手指，2 装订孔；标准之外：3 背面透过来的字迹 */
  removalForeign?: 0 | 1 | 2 | 3;
  /** degrees to turn clockwise / 顺时针旋转的角度 */
  rotate?: 0 | 90 | 180 | 270;
  /** beyond the standard: straighten by the lines of text, whatever the crop / 标准之外：任何裁切方式都按文字行纠偏 */
  deskew?: boolean;
  /** beyond the standard: turn captures by quarters until their text stands upright / 标准之外：拍照结果按文字自动转正 */
  upright?: boolean;
  /** file to write, its suffix decides the format; empty: default folder and name; absent: no file, and the answer gives base64 / 生成的文件，后缀名决定格式；为空时使用默认目录和文件名；没有此参数时不写文件，应答带回 base64 */
  filePath?: string;
  /** beyond the standard: an object, maybe empty: write a record beside the file (JSON and XML, its name with .json and .xml) with the object in it, such as operator or window, and with device, stages and resolution / 标准之外：对象（可为空）：为写入的文件附上记录（JSON 和 XML，文件名加 .json、.xml），其中含此对象，例如操作员、窗口，以及设备、处理步骤、分辨率 */
  record?: Record<string, unknown>;
  /** also give base64 where a file is written / 写文件时也带回 base64 */
  base64?: boolean;
}

export interface ProcessImageAnswer {
  /** beyond the standard: whether the picture can be read; of several the worst / 标准之外：图片是否清晰可读；多张图片时为最差的一张 */
  verdict?: PictureVerdict;
  /** beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten minutes; absent if none is kept / 标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项 */
  handle?: string;
  /** beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from the result's top left; absent where nothing was cut, or a curved page was flattened / 标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；未裁切或曲面展平时没有此项 */
  corners?: number[][];
  /** beyond the standard: what became of the crop / 标准之外：裁切的结果 */
  crop?: PictureCrop;
  /** beyond the standard: what a page was taken for where imageType is 8 (automatic): a document, a card or cover, a photograph / 标准之外：imageType 为 8（自动）时，页面被当作什么：document 文档，card 卡片或封面，photograph 照片 */
  pageKind?: "card" | "document" | "photograph";
  /** beyond the standard: of several pictures the verdict on each of imagePath / 标准之外：多张图片时每张的结论，与 imagePath 的顺序一致 */
  verdicts?: PictureVerdict[];
  /** beyond the standard: of several files, original and corners of each of imagePath / 标准之外：有多个文件时，每个文件的原图和裁切的四个角，与 imagePath 的顺序一致 */
  cuts?: PictureCut[];
  /** how many pictures there are / 图片总数 */
  imageCount: number;
  /** which one this is, from 1; not of files alone / 第几张，从 1 开始；只写文件时没有 */
  imageIndex?: number;
  /** the picture in base64 / 图片的 base64 */
  imageBase64Str?: string;
  /** the files written; of a message with base64 its own / 已写入的文件；带回 base64 时只有这一张的 */
  imagePath?: string[];
  /** format of the picture, for example image/jpeg / 图片格式，例如 image/jpeg */
  mime: string;
  /** width of the picture in pixels / 图片宽度（像素） */
  width: number;
  /** height of the picture in pixels / 图片高度（像素） */
  height: number;
}

export interface ComposeCardsRequest {
  /** beyond the standard: quality of JPEG and WebP, 1 to 100 / 标准之外：JPEG 和 WebP 的质量，1 到 100 */
  quality?: number;
  /** beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; an error for PNG, BMP and TIFF that do not fit / 标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错 */
  maxBytes?: number;
  /** beyond the standard: resolution that JPEG, PNG, TIFF and PDF state / 标准之外：写入 JPEG、PNG、TIFF、PDF 的分辨率 */
  dpi?: number;
  /** beyond the standard: colours: 0 as processed, 1 grey, 2 black and white / 标准之外：颜色：0 按处理结果，1 灰度，2 黑白 */
  colorMode?: 0 | 1 | 2;
  /** beyond the standard: watermark, drawn last; a string alone is its text / 标准之外：水印，最后画上；也接受只有文字的字符串 */
  watermark?: WatermarkOptions;
  /** one or two pictures in base64: front, then back, or one with both; if empty, imagePath is read / 一张或两张图片的 base64：先正面后反面，或一张上有两面；为空时读取 imagePath */
  imageBase64?: string | string[];
  /** one or two files; if empty too, the camera takes one picture with both sides / 一个或两个图片文件；也为空时用摄像头拍一张有两面的图片 */
  imagePath?: string | string[];
  /** index into devInfo; when missing, the camera this connection opened last / 设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头 */
  devNum?: number;
  /** layout: 0 a card at its true size (85.6 x 54 mm) on A4, 1 two pages beside each other, 2 one below the other / 排版：0 证件按实际大小（85.6 x 54 毫米）排在 A4 上；1 两页左右；2 两页上下 */
  layout?: 0 | 1 | 2;
  /** where no filePath decides it: 0 PDF, 1 JPEG / filePath 没有给出后缀名时：0 PDF，1 JPEG */
  fileType?: 0 | 1;
  /** file to write, its suffix decides the format; empty: default folder and name; absent with base64 true: no file is written / 生成的文件，后缀名决定格式；为空时使用默认目录和文件名；没有此参数且 base64 为 true 时不写文件 */
  filePath?: string;
  /** give the file back in the answer / 应答中带回生成的文件 */
  base64?: boolean;
}

export interface ComposeCardsAnswer {
  /** the file written, if one was / 已写入的文件；没有写文件时没有此项 */
  filePath?: string;
  /** if base64 was requested: the file itself / 请求了 base64 时：文件的内容 */
  fileBase64?: string;
  /** format of the file / 文件格式 */
  mime: string;
  /** width of the page in pixels / 页面宽度（像素） */
  width: number;
  /** height of the page in pixels / 页面高度（像素） */
  height: number;
}

export interface ReadIDCardInfoRequest {
  /** 0 resident ID card, 1 social security card, 2 bank card / 0 身份证，1 社保卡，2 银行卡 */
  idType?: 0 | 1 | 2;
  /** beyond the standard: how long to wait for a card, in ms; without it as configured / 标准之外：等待放卡的时间（毫秒）；没有时按配置 */
  timeout?: number;
  /** beyond the standard: the reader's place in GetCardReaderInfo; without it one that has a card / 标准之外：读卡器在 GetCardReaderInfo 中的编号；没有时使用放了卡的那个 */
  devNum?: number;
  /** beyond the standard: PIN of a social security card, 4 to 12 digits; none is sent to a card unless given / 标准之外：社保卡密码，4 到 12 位数字；仅在给出时才发送给卡 */
  pin?: string;
}

export interface ReadIDCardInfoAnswer {
  /** the resident ID card / 身份证信息 */
  cardInfo?: CardInfo;
  /** the same as cardInfo, as the standard spells it / 与 cardInfo 相同（标准中的拼写） */
  calrdInfo?: CardInfo;
  /** the social security card / 社保卡信息 */
  IDCardInfo?: SocialCardInfo;
  /** number of the bank card, as a string of digits (a compatibility switch makes it a number) / 银行卡号，为数字字符串（兼容性开关可改为数字） */
  idNum?: string | number;
  /** beyond the standard: the bank card's expiry, year-month, or empty / 标准之外：银行卡有效期，年-月；没有时为空 */
  expiry?: string;
}

export type GetCardReaderInfoRequest = Record<never, never>;

export interface GetCardReaderInfoAnswer {
  /** the readers; empty without any / 读卡器列表；没有时为空 */
  cardReaders: CardReaderEntry[];
}

export interface ReadFingerInfoRequest {
  /** beyond the standard: how often the finger is pressed, to enrol it; each press gives a feature / 标准之外：同一手指按压的次数，用于登记；每次给出一个特征 */
  presses?: number;
  /** beyond the standard: how long to wait for each press, in ms; without it as configured / 标准之外：每次按压的等待时间（毫秒）；没有时按配置 */
  timeout?: number;
  /** beyond the standard: the sensor's place in GetFingerReaderInfo; without it the first / 标准之外：指纹仪在 GetFingerReaderInfo 中的编号；没有时使用第一个 */
  devNum?: number;
}

export interface ReadFingerInfoAnswer {
  /** picture of the finger, PNG in base64; of several presses the clearest / 指纹图片（PNG）的 base64；多次按压时为最清晰的一张 */
  fingerImageBase64: string;
  /** features of the finger, ISO 19794-2 in base64; of several presses with ; between, as FingerMatch takes them / 指纹特征（ISO 19794-2）的 base64；多次按压时用 ; 隔开，可原样交给 FingerMatch */
  fingerFeature: string;
}

export interface FingerMatchRequest {
  /** picture of the finger to compare with, in base64 / 要比对的指纹图片的 base64 */
  fingerImageBase64?: string;
  /** features to compare with, used if fingerImageBase64 is empty; several of one with ; between / 要比对的指纹特征，fingerImageBase64 为空时使用；同一手指的多个特征用 ; 隔开 */
  fingerFeature?: string;
  /** how long to wait for a finger, in ms / 等待手指的时间（毫秒） */
  timeout?: number;
  /** similarity from which it is a match / 相似度阈值 */
  threshold?: number;
  /** beyond the standard: the sensor's place in GetFingerReaderInfo; without it the first / 标准之外：指纹仪在 GetFingerReaderInfo 中的编号；没有时使用第一个 */
  devNum?: number;
}

export interface FingerMatchAnswer {
  /** picture of the finger that matched, PNG / 匹配成功的指纹图片（PNG） */
  fingerImageBase64?: string;
  /** similarity, 0 to 1; without a match the highest of all presses / 相似度，0 到 1；不匹配时为各次按压中最高的 */
  similarity?: number;
}

export type GetFingerReaderInfoRequest = Record<never, never>;

export interface GetFingerReaderInfoAnswer {
  /** the sensors; empty without any / 指纹仪列表；没有时为空 */
  fingerReaders: FingerReaderEntry[];
}

export type GetFaceCameraInfoRequest = Record<never, never>;

export interface GetFaceCameraInfoAnswer {
  /** the face cameras: those whose largest size is under 5 megapixels / 人脸设备列表（最大分辨率低于 500 万像素的摄像头） */
  faceCameraInfo: FaceCameraEntry[];
}

export interface OpenFaceCameraRequest {
  /** index into faceCameraInfo; when missing, the face camera this connection opened last / 设备编号，即 faceCameraInfo 中的序号；缺省为本连接最后打开的人脸摄像头 */
  faceCameraNum?: number;
  /** index into faceCameraMedias / 视频格式编号 */
  faceMediaNum?: number;
  /** index into faceCameraResolutions / 分辨率编号 */
  faceResolutionNum?: number;
  /** frames per second / 帧率 */
  faceFps?: number;
}

export type OpenFaceCameraAnswer = Record<never, never>;

export interface GetFaceCamraBuffRequest {
  /** index into faceCameraInfo; when missing, the face camera this connection opened last / 设备编号，即 faceCameraInfo 中的序号；缺省为本连接最后打开的人脸摄像头 */
  faceCameraNum?: number;
  /** true starts the preview, false stops it / true 开始回传视频，false 停止 */
  enable?: boolean;
  /** beyond the standard: 0 colour, 1 a pair's infrared stream; each starts and stops alone / 标准之外：0 彩色视频，1 红白双目的红外视频；两路各自开始和停止 */
  stream?: 0 | 1;
}

export interface GetFaceCamraBuffAnswer {
  /** index into faceCameraInfo / 设备编号 */
  faceCameraNum?: number;
  /** 1 with the infrared stream, otherwise not there / 仅红外视频：1 */
  stream?: 1;
  /** beyond the standard, over HTTP alone: address of the preview as MJPEG, for an <img>; good once, for ten seconds / 标准之外，仅 HTTP：视频地址（MJPEG），可直接用于 <img>，10 秒内有效，只能使用一次 */
  streamUrl?: string;
}

export interface FaceFrame {
  /** index into faceCameraInfo / 设备编号 */
  faceCameraNum: number;
  /** always 0 / 始终为 0 */
  result: 0;
  /** the frame in base64 (JPEG) / 本帧图片的 base64（JPEG） */
  imgBase64Str: string;
  /** format of the picture, for example image/jpg / 图片格式，例如 image/jpg */
  mime: string;
  /** width of the picture in pixels / 图片宽度（像素） */
  width: number;
  /** height of the picture in pixels / 图片高度（像素） */
  height: number;
  /** 1 with the infrared stream, otherwise not there / 仅红外视频：1 */
  stream?: 1;
  /** the faces in it, only with liveness detection on / 画面中的人脸，仅在活体检测打开时 */
  faces?: FaceBox[];
}

export interface CloseFaceCameraRequest {
  /** index into faceCameraInfo; when missing, the face camera this connection opened last / 设备编号，即 faceCameraInfo 中的序号；缺省为本连接最后打开的人脸摄像头 */
  faceCameraNum?: number;
}

export type CloseFaceCameraAnswer = Record<never, never>;

export interface SetFaceLivingBodyStateRequest {
  /** index into faceCameraInfo; when missing, the face camera this connection opened last / 设备编号，即 faceCameraInfo 中的序号；缺省为本连接最后打开的人脸摄像头 */
  faceCameraNum?: number;
  /** 1 switches liveness detection on, 0 off / 1 打开活体检测，0 关闭 */
  faceLivingBody: 0 | 1;
  /** beyond the standard: what FaceMatch asks for besides: none; blink; turnLeft, turnRight as the person sees it; nearer to the camera; random for one of them; OnFaceAction tells which when it begins / 标准之外：FaceMatch 时还要求的动作：none 无，blink 眨眼，turnLeft、turnRight 向左、向右转头（以本人为准），nearer 靠近镜头，random 随机一种；开始时以 OnFaceAction 通知 */
  faceAction?: "blink" | "nearer" | "none" | "random" | "turnLeft" | "turnRight";
}

export interface SetFaceLivingBodyStateAnswer {
  /** beyond the standard: when switched on, what tells: model; cues in the picture; infrared; action (without a liveness model an action is needed: cannot tell until it is done, and reason says which) / 标准之外：打开时依据什么判断：model 模型，cues 画面迹象，infrared 红外，action 动作（没有活体模型时必须做动作，完成之前为 cannot tell，reason 说明要做哪一个） */
  livingBy?: "action" | "cues" | "infrared" | "model"[];
}

export interface FaceMatchRequest {
  /** the picture to compare, in base64 / 要比对的图片的 base64 */
  faceImageBase64?: string;
  /** one or two files to compare / 要比对的一个或两个文件 */
  faceImagePath?: string | string[];
  /** similarity from which it is a match / 相似度阈值 */
  threshold?: number;
  /** beyond the standard: which face camera to compare with; the one opened last when missing / 标准之外：与哪个人脸摄像头比对；缺省为本连接最后打开的 */
  faceCameraNum?: number;
  /** beyond the standard: compare with the person before this face camera in place of a picture, one video with another; both have to be open / 标准之外：与另一个人脸摄像头画面中的人比对（视频和视频之间），代替图片；两个都要已打开 */
  otherCameraNum?: number;
  /** beyond the standard: how long to wait for the person before the camera, in ms; as configured when missing / 标准之外：最长等待镜头前的人多久（毫秒）；缺省按配置 */
  timeout?: number;
}

export interface FaceMatchAnswer {
  /** the live or the second picture, on a match / 匹配成功的现场图片或第二张图片 */
  faceImageBase64?: string;
  /** similarity, 0 to 1 / 相似度，0 到 1 */
  similarity?: number;
  /** beyond the standard: what is to be known, as that the largest of several faces was taken / 标准之外：需要注意的情况，例如有多张人脸、取了最大的一张 */
  notice?: string;
}

export type NotifyRequest = Record<never, never>;

export type NotifyAnswer = Record<never, never>;

export interface NotifyPush {
  /** what happened; OnDeviceChanged: plugged or unplugged; OnUploadFinished: a queued upload ended / 事件：OnDeviceChanged（设备插拔）或 OnUploadFinished（排队的上传已结束） */
  event: string;
  /** kind of device, for example camera; or upload / 设备种类，例如 camera；或 upload */
  kind: string;
  /** whether a queued upload succeeded; false: given up / 排队的上传是否成功；false 为已放弃 */
  uploaded?: boolean;
  /** HTTP status of the upload server's last answer / 上传服务器最后一次应答的 HTTP 状态码 */
  status?: number;
  /** with a target: the file that it has / 发往目标时：已送达的文件 */
  receipt?: DeliveryReceipt;
}

export interface BarCodePush {
  /** always OnBarCode / 始终为 OnBarCode */
  event: "OnBarCode";
  /** index into devInfo / 设备编号 */
  devNum: number;
  /** width of the picture meant, in pixels: of the preview, turned / 坐标所在画面的宽度（像素），即旋转后的预览画面 */
  width: number;
  /** height of the picture meant, in pixels / 坐标所在画面的高度（像素） */
  height: number;
  /** the codes found; empty without any / 识别到的条码；没有时为空 */
  codeInfos: CodeInfo[];
}

export interface FingerPressPush {
  /** always OnFingerPress / 始终为 OnFingerPress */
  event: "OnFingerPress";
  /** presses that were taken / 已采集的按压次数 */
  pressed: number;
  /** presses that are asked for / 共需要的按压次数 */
  presses: number;
  /** why the last press was not taken / 刚才的按压未被采用的原因 */
  reason?: string;
}

export interface FaceActionPush {
  /** what happened / 事件 */
  event: "OnFaceAction";
  /** index into faceCameraInfo / 设备编号 */
  faceCameraNum: number;
  /** what the person is to do / 要做的动作 */
  action: "blink" | "nearer" | "turnLeft" | "turnRight";
}

export interface CameraWantedPush {
  /** what happened / 事件 */
  event: "OnCameraWanted";
  /** kind of device / 设备种类 */
  kind: "camera";
  /** index into devInfo / 设备编号 */
  devNum?: number;
  /** who wants it / 谁想使用 */
  by: CameraHolder;
}

export interface CameraFreePush {
  /** what happened / 事件 */
  event: "OnCameraFree";
  /** kind of device / 设备种类 */
  kind: "camera";
  /** index into devInfo / 设备编号 */
  devNum?: number;
}

export interface DocumentsPush {
  /** event / 事件 */
  event: "OnDocuments";
  /** index into devInfo / 设备编号 */
  devNum: number;
  /** moving: what lay there moves, fields told before are gone; reading: something lies still and is being read; read: it was; ended: nothing more comes, for the reason in result / moving 画面在动，此前的字段不再成立；reading 已放稳，正在识别；read 识别完毕；ended 已结束，原因见 result */
  state: "ended" | "moving" | "read" | "reading";
  /** the documents that lie there in state read, else empty / state 为 read 时放着的证件，否则为空 */
  documents: DocumentInfo[];
}

export interface ScanFinishedPush {
  /** what happened / 事件 */
  event: "OnScanFinished";
  /** kind of device / 设备种类 */
  kind: "scanner";
  /** sides of sheets that were delivered / 已交付的页数（面） */
  pages: number;
  /** pictures of them / 图片数 */
  pictures: number;
  /** how many of these are blank / 其中空白的图片数 */
  blank: number;
  /** blank pages that were left out (dropBlank) / 未交付的空白页数（dropBlank） */
  dropped?: number;
  /** 0 for done, else the code of the error / 0 为完成，否则为错误代码 */
  code: number;
}

export interface ScannerNoticePush {
  /** what happened / 事件 */
  event: "OnScannerNotice";
  /** kind of device / 设备种类 */
  kind: "scanner";
  /** doubleFeed, staple, coverOpen: the scan stops, an error follows; lensDirty: dust draws a line; asleep: it is being woken; warmingUp: its lamp gets ready; locked: for transport; carrierSheet: one is expected; cardSlot: a card is in the slot / doubleFeed 一次进了几张，staple 订书钉，coverOpen 盖板未关，lensDirty 镜头脏，asleep 在唤醒，warmingUp 在预热，locked 运输锁未打开，carrierSheet 使用载体页，cardSlot 卡槽中有卡 */
  notice: "asleep" | "cardSlot" | "carrierSheet" | "coverOpen" | "doubleFeed" | "lensDirty" | "locked" | "staple" | "warmingUp";
  /** what happened and what to do, to be shown / 发生了什么、怎么办 */
  message: string;
  /** the last page delivered; 0 for none yet / 已交付的最后一页；0 为尚无 */
  page: number;
}

export interface ScanRowsPush {
  /** what happened / 事件 */
  event: "OnScanRows";
  /** kind of device / 设备种类 */
  kind: "scanner";
  /** picture of these rows / 这些行的图片 */
  imageBase64Str: string;
  /** format of the picture / 图片格式 */
  mime: string;
  /** row of the small picture at which they begin; 0 begins a new page / 在小图中的起始行；0 为新的一页 */
  top: number;
  /** width of the small picture in pixels / 小图的宽度（像素） */
  width: number;
  /** height of these rows in pixels / 这些行的高度（像素） */
  height: number;
  /** height of the whole page in small; absent if the driver does not say / 整页小图的高度；驱动没有说明时没有 */
  pageHeight?: number;
}

export type GetOcrSupportInfoRequest = Record<never, never>;

export interface GetOcrSupportInfoAnswer {
  /** languages whose text can be recognized, for example chi_sim and eng; empty without an engine / 可识别的语言，例如 chi_sim、jpn、eng；没有识别引擎时为空 */
  languages: string[];
  /** engine that recognizes it: PP-OCRv6 or Tesseract / 识别引擎：PP-OCRv6 或 Tesseract */
  engine?: string;
}

export type HeartbeatRequest = Record<never, never>;

export type HeartbeatAnswer = Record<never, never>;

export type GetServiceInfoRequest = Record<never, never>;

export interface GetServiceInfoAnswer {
  /** version of the service / 服务版本 */
  version: string;
  /** all functions / 全部函数 */
  functions: FunctionEntry[];
  /** limits by name / 各项上限 */
  limits: Record<string, number>;
  /** compatibility switches with their values / 兼容性开关及其取值 */
  compat: Record<string, string | boolean>;
  /** names of the profiles of the configuration / 配置中 profile 的名称 */
  profiles: string[];
  /** names of the targets of the configuration, for UploadHttpFile and MergeFile / 配置中目标的名称，供 UploadHttpFile 和 MergeFile 使用 */
  targets: string[];
}

export interface SetPageInfoRequest {
  /** language of errors and reasons from now on; when missing it stays, by default as the browser's Accept-Language says / 此后错误和原因的语言；缺省不变，默认按浏览器的 Accept-Language */
  language?: "en" | "zh";
  /** title of the page for people; pages of other sites are told where this one has the camera, so without personal data / 网页给人看的标题；占用了摄像头时会告知其他网站的页面，请勿包含个人信息 */
  title?: string;
  /** number of the case that is worked on, {case} in names of files; empty for none / 正在办理的案号或业务编号：文件名中的 {case}；空字符串为没有 */
  case?: string;
}

export interface SetPageInfoAnswer {
  /** the language now, which the configuration may have fixed / 现在的语言；管理员可在配置中固定 */
  language: "en" | "zh";
}

export type CancelScanRequest = Record<never, never>;

export type CancelScanAnswer = Record<never, never>;

export interface ExternalButtonRequest {
  /** beyond the standard: true to be told of each press, false to stop / 标准之外：true 开始接收按键推送，false 停止 */
  enable?: boolean;
}

export interface ExternalButtonAnswer {
  /** beyond the standard: the buttons; empty without any / 标准之外：现有的按钮；没有时为空 */
  buttons: ButtonEntry[];
}

export interface ButtonPushed {
  /** always OnExternalButton / 始终为 OnExternalButton */
  event: "OnExternalButton";
  /** camera: a camera's own button; switch: a foot switch / camera：摄像头自带的按钮；switch：脚踏开关 */
  kind: "camera" | "switch";
  /** name of the device / 设备名称 */
  name: string;
  /** devNum of the camera that the button belongs to; missing if that cannot be told / 按钮所属摄像头的 devNum；无法得知时缺省 */
  devNum?: number;
  /** number of a foot switch's key in Linux' list; of keys that the configuration lists only / 脚踏开关的键码（Linux 输入子系统的编号），仅限配置中列出的键 */
  key?: number;
}

export interface ErrorCodes {
  /** The message is not a valid JSON object ({reason}). / 消息不是有效的 JSON 对象（{reason}）。 */
  InvalidJson: 1001;
  /** The message has no func. / 消息缺少 func。 */
  MissingFunction: 1002;
  /** There is no function named {func}. / 没有名为 {func} 的函数。 */
  UnknownFunction: 1003;
  /** The parameter {field} is not valid: {reason}. / 参数 {field} 无效：{reason}。 */
  BadParameter: 1004;
  /** The parameter {field} is missing. / 缺少参数 {field}。 */
  MissingParameter: 1005;
  /** This version does not offer {feature} yet. / 此版本尚不提供 {feature}。 */
  NotAvailableYet: 1006;
  /** The message is over the limit of {limit}. / 消息超过 {limit} 的上限。 */
  MessageTooLarge: 1007;
  /** This connection has {limit} requests waiting. / 此连接有 {limit} 个请求尚未完成。 */
  TooManyRequests: 1008;
  /** {func} was cancelled. / {func} 已被取消。 */
  Cancelled: 1009;
  /** This connection sends more than {limit} requests a second. / 此连接每秒的请求超过 {limit} 个。 */
  TooFast: 1010;
  /** The messages that wait are too large together. / 等待处理的消息合计过大。 */
  TooMuchWaiting: 1011;
  /** The work took more than {seconds} seconds and was stopped. / 处理超过 {seconds} 秒，已停止。 */
  WorkTooLong: 1012;
  /** The body of the request is {given}, not uncompressed JSON. / 请求体为 {given}，不是未压缩的 JSON。 */
  BodyNotJson: 1013;
  /** {path} takes no {method}. / {path} 不接受 {method}。 */
  WrongMethod: 1014;
  /** There is no such session: it has ended, was silent for {seconds} seconds, or is another origin's. / 没有此会话：它已结束、静默超过 {seconds} 秒，或属于其他来源。 */
  NoSuchSession: 1015;
  /** The body of the request did not arrive within {seconds} seconds. / 请求体未在 {seconds} 秒内到齐。 */
  MessageTooSlow: 1016;
  /** There is no form named {form}. / 没有名为 {form} 的表单。 */
  FormUnknown: 1017;
  /** The form cannot be used: {reason}. / 表单不能使用：{reason}。 */
  FormUnusable: 1018;
  /** The stored form {form} is damaged: {reason}. / 已存的表单 {form} 已损坏：{reason}。 */
  FormDamaged: 1019;
  /** No form has been taught yet. / 还没有示教任何表单。 */
  NothingTaught: 1020;
  /** The service met an internal error (incident {incident}). / 服务内部错误（编号 {incident}）。 */
  InternalError: 1099;
  /** There is no device number {device}. / 没有编号为 {device} 的设备。 */
  NoSuchDevice: 2001;
  /** {device} is in use by {holder}. / {device} 正被{holder}使用。 */
  DeviceBusy: 2002;
  /** {device} was disconnected. / {device} 已断开。 */
  DeviceGone: 2003;
  /** {device} did not answer within {seconds} seconds. / {device} 在 {seconds} 秒内没有响应。 */
  DeviceTimeout: 2004;
  /** The service may not use {device}. / 服务无权使用 {device}。 */
  DevicePermission: 2005;
  /** {device} failed: {reason}. / {device} 出错：{reason}。 */
  DeviceFailed: 2006;
  /** This connection has no open camera. / 此连接没有打开的摄像头。 */
  DeviceNotOpen: 2007;
  /** {device} has no {kind} number {number}. / {device} 没有编号为 {number} 的{kind}。 */
  ModeNotSupported: 2008;
  /** Paper is jammed in {device}. / {device} 卡纸。 */
  PaperJam: 2009;
  /** The cover of {device} is open. / {device} 的盖板未关好。 */
  CoverOpen: 2010;
  /** There is no paper in the feeder of {device}. / {device} 的进纸器中没有纸。 */
  FeederEmpty: 2011;
  /** {device} delivered only a part of a page. / {device} 只送来一页的一部分。 */
  PageCutShort: 2012;
  /** The driver of {device} crashed. / {device} 的驱动程序异常退出。 */
  DriverCrashed: 2013;
  /** This machine lacks the driver for {kind}: {reason}. / 此电脑没有安装{kind}的驱动：{reason}。 */
  DriverMissing: 2014;
  /** This source of {device} cannot hold {paper} (at most {available}). / {device} 的该进纸来源容不下 {paper}（最大 {available}）。 */
  PaperTooLarge: 2015;
  /** {device} has no {control} that can be set. / {device} 没有可调的 {control}。 */
  ControlNotSupported: 2016;
  /** {device} is not being recorded. / {device} 没有在录像。 */
  NotRecording: 2017;
  /** {device} scanned {fronts} fronts and {backs} backs. / {device} 扫了 {fronts} 张正面、{backs} 张背面。 */
  SidesUnequal: 2018;
  /** {device} drew in two or more sheets at once. / {device} 一次进了两张或更多纸。 */
  DoubleFeed: 2019;
  /** {device} found a staple. / {device} 发现订书钉。 */
  StapleFound: 2020;
  /** {device} sleeps and did not wake. / {device} 在休眠，没有醒来。 */
  ScannerAsleep: 2021;
  /** {picture} cannot be decoded: {reason}. / {picture} 无法解码：{reason}。 */
  PictureUnreadable: 3001;
  /** {picture} is {size}, over the limit of {limit}. / {picture} 为 {size}，超过上限 {limit}。 */
  PictureTooLarge: 3002;
  /** No process to decode files can be started: {reason}. / 无法启动解码进程：{reason}。 */
  DecoderUnavailable: 3003;
  /** The model {role}, which comes with gaopai, is missing or damaged. / gaopai 自带的模型 {role} 缺失或已损坏。 */
  ModelDamaged: 3004;
  /** No font of this machine has all characters of the watermark. / 此电脑没有包含水印全部文字的字体。 */
  FontMissing: 3005;
  /** {picture} should show {wanted} side(s); {found} found. / {picture} 中应有 {wanted} 面，只找到 {found} 面。 */
  SidesMissing: 3006;
  /** No original is kept by this handle, or no longer. / 此 handle 没有对应的原图，或原图已过期。 */
  OriginalGone: 3007;
  /** {picture} cannot be read surely enough; no copy of it was made. / {picture} 的内容不能可靠识别，没有制作副本。 */
  PageUnsure: 3010;
  /** Nothing that was to be hidden was found in {picture}; no copy of it was made. / {picture} 中没有找到要遮盖的内容，没有制作副本。 */
  NothingToHide: 3011;
  /** {picture} has {size} pixels; a side may have {limit}. / {picture} 为 {size} 像素，边长上限为 {limit} 像素。 */
  PictureTooLong: 3012;
  /** {picture} has {size} pixels, which is too narrow: it may be {limit} times as long as it is broad. / {picture} 为 {size} 像素，太细长：长边最多为短边的 {limit} 倍。 */
  PictureTooNarrow: 3013;
  /** The file name suffix {suffix} is not supported. / 不支持后缀名 {suffix}。 */
  BadSuffix: 4001;
  /** The path is not inside the storage folder. / 路径不在存储目录之内。 */
  PathOutside: 4002;
  /** The file {name} exists already. / 文件 {name} 已存在。 */
  FileExists: 4003;
  /** The disk is full, {name} was not saved. / 磁盘空间不足，{name} 未保存。 */
  StorageFull: 4004;
  /** {name} could not be saved: {reason}. / {name} 未能保存：{reason}。 */
  StorageFailed: 4005;
  /** There is no file {name}. / 文件 {name} 不存在。 */
  FileMissing: 4006;
  /** The file name is not valid: {reason}. / 文件名无效：{reason}。 */
  BadName: 4007;
  /** The file {name} cannot be read: {reason}. / 文件 {name} 无法读取：{reason}。 */
  FileUnreadable: 4008;
  /** The file {name} is protected by a password. / 文件 {name} 受密码保护。 */
  DocumentProtected: 4009;
  /** {tool} is not installed on this machine. / 此电脑没有安装 {tool}。 */
  ToolMissing: 4010;
  /** The file {name} was made by a page of another site. / 文件 {name} 由另一网站的页面生成。 */
  FileOfAnotherOrigin: 4011;
  /** {part} in the file name is empty: {reason}. / 文件名中的 {part} 没有内容：{reason}。 */
  NamePartMissing: 4012;
  /** The file {name} was made by no page. / 文件 {name} 不是网页生成的。 */
  FileOfNoPage: 4013;
  /** The file {name} is signed; merging it would break the signature. / 文件 {name} 已有数字签名，合并会使签名失效。 */
  DocumentSigned: 4014;
  /** It was not signed or verified: {reason}. / 签名或验证没有完成：{reason}。 */
  SigningFailed: 4015;
  /** The recording {name} was cut short by its disk: {reason}. / 录像 {name} 中断，磁盘不再写入：{reason}。 */
  RecordingCut: 4016;
  /** Another document is being signed. / 另一份文件正在签字。 */
  SignatureBusy: 4017;
  /** It was not signed within {seconds} seconds. / 在 {seconds} 秒内没有签完。 */
  SignatureTimeout: 4018;
  /** The signer left without signing. / 签字人没有签字就离开了。 */
  SignerLeft: 4019;
  /** This address for signing was used, has expired, or the signing has ended. / 此签字链接已用过、已过期，或签字已结束。 */
  SignatureTicketGone: 4020;
  /** The page for signing opens on this computer alone, in the page of this service. / 签字页只能在本机、由本服务自己的网页打开。 */
  SignatureElsewhere: 4021;
  /** The place is not on page {page}, which is {width} x {height} mm. / 签字位置不在第 {page} 页之内，该页为 {width} × {height} 毫米。 */
  PlaceOffPage: 4022;
  /** There is no page {page}; it has {pages}. / 没有第 {page} 页，文件共 {pages} 页。 */
  NoSuchPage: 4023;
  /** The document {name} is signed already. / 文件 {name} 已有签名。 */
  SignedAlready: 4024;
  /** The text that marks the place is not in the document. / 文件中没有找到要签字的位置。 */
  PlaceNotFound: 4025;
  /** It has more than {strokes} strokes or {points} points. / 签字超过 {strokes} 笔或 {points} 个点。 */
  InkTooLong: 4026;
  /** Nothing is written yet. / 还没有签字。 */
  InkMissing: 4027;
  /** The document was not read to its end. / 文件还没有看到末尾。 */
  DocumentUnread: 4028;
  /** There is a signature at this place already. / 此处已有签名。 */
  PlaceTaken: 4029;
  /** Uploading to this address is not allowed: {reason}. / 不允许上传到该地址：{reason}。 */
  UploadNotAllowed: 5001;
  /** The upload server cannot be reached: {reason}. / 无法连接上传服务器：{reason}。 */
  UploadUnreachable: 5002;
  /** The upload was not done within {seconds} seconds. / 上传在 {seconds} 秒内没有完成。 */
  UploadTimeout: 5003;
  /** The upload server refused with status {status}. / 上传服务器以状态 {status} 拒绝。 */
  UploadRejected: 5004;
  /** The upload has {size}, over the limit of {limit}. / 上传共 {size}，超过上限 {limit}。 */
  UploadTooLarge: 5005;
  /** The upload broke off: {reason}. / 上传中断：{reason}。 */
  UploadBroken: 5006;
  /** There is no target {name}. / 没有名为 {name} 的目标。 */
  TargetUnknown: 5007;
  /** The target {target} did not take the file: {reason}. / 目标 {target} 没有接收文件：{reason}。 */
  TargetRefused: 5008;
  /** There is no reader for {card}. / 没有可读{card}的读卡器。 */
  NoReader: 6001;
  /** No card was presented within {seconds} seconds. / 在 {seconds} 秒内没有放卡。 */
  NoCard: 6002;
  /** The card left {device} while it was read. / 读取时卡离开了 {device}。 */
  CardTakenAway: 6003;
  /** The card at {device} is not {card}. / {device} 上的卡不是{card}。 */
  WrongCard: 6004;
  /** The card in {device} does not answer. / {device} 中的卡没有应答。 */
  CardSilent: 6005;
  /** There are cards at several readers: {devices}. / 多个读卡器上同时有卡：{devices}。 */
  SeveralCards: 6006;
  /** {device} cannot read this card: {reason}. / {device} 读不出这张卡：{reason}。 */
  CardUnreadable: 6007;
  /** The portrait cannot be decoded: {reason}. / 头像无法解码：{reason}。 */
  PortraitNotDecoded: 6008;
  /** No finger was placed within {seconds} seconds. / 在 {seconds} 秒内没有按手指。 */
  NoFinger: 7001;
  /** The fingerprint is not clear: {reason}. / 指纹不清晰：{reason}。 */
  FingerUnclear: 7002;
  /** The fingerprints do not match: similarity {similarity}, threshold {threshold}. / 指纹不匹配：相似度 {similarity}，阈值 {threshold}。 */
  FingersDiffer: 7003;
  /** The fingerprint feature cannot be read: {reason}. / 指纹特征无法解析：{reason}。 */
  FeatureUnreadable: 7004;
  /** Features in the format {format} cannot be compared. / 无法比对 {format} 格式的指纹特征。 */
  FeatureNotComparable: 7005;
  /** The fingerprint given is not clear: {reason}. / 给定的指纹不清晰：{reason}。 */
  GivenFingerUnclear: 7006;
  /** The model {role} is missing, without which nobody can {purpose}. / 缺少人脸模型 {role}，无法{purpose}。 */
  FaceModelMissing: 8001;
  /** No face was found in {picture}. / {picture}中没有找到人脸。 */
  NoFace: 8002;
  /** The face in {picture} is too small: less than {pixels} pixels wide. / {picture}中的人脸太小，宽度不足 {pixels} 像素。 */
  FaceTooSmall: 8003;
  /** The face in {picture} is too dark. / {picture}中的人脸太暗。 */
  FaceTooDark: 8004;
  /** Several people stand before the camera; nobody can tell who is meant. / 镜头前有几个人，无法确定比对谁。 */
  SeveralPeople: 8005;
  /** The faces do not match: similarity {similarity}, threshold {threshold}. / 人脸不匹配：相似度 {similarity}，阈值 {threshold}。 */
  FacesDiffer: 8006;
  /** It is not a living face: {reason}. / 未通过活体检测：{reason}。 */
  FaceNotLive: 8007;
  /** Whether it is a living face cannot be told: {reason}. / 无法判断是否为活体：{reason}。 */
  LivenessUnclear: 8008;
}

export type ErrorCode = ErrorCodes[keyof ErrorCodes];

/** What each function takes, answers and sends by itself. / 各函数的请求、应答和推送。 */
export interface Functions {
  /** List the document cameras. / 获取设备信息。 */
  GetCameraInfo: { request: GetCameraInfoRequest; answer: Envelope & GetCameraInfoAnswer; push: never };
  /** Open a camera. Video comes after GetCameraVideoBuff; calling again changes the parameters. / 打开摄像头。打开后需调用 GetCameraVideoBuff 才会回传视频；再次调用可更换参数。 */
  OpenCamera: { request: OpenCameraRequest; answer: Envelope & OpenCameraAnswer; push: never };
  /** Start or stop the preview. Starting has no answer of its own: the first frame is the answer. Stopping has one, and no frame follows it. / 开始或停止回传视频。开始后没有单独的应答，第一帧即应答；停止后回一条应答，此后不再有帧。 */
  GetCameraVideoBuff: { request: GetCameraVideoBuffRequest; answer: Envelope & GetCameraVideoBuffAnswer; push: FrameEnvelope & CameraFrame };
  /** Close a camera. Success also when none is open. / 关闭摄像头。没有打开的摄像头时也返回成功。 */
  CloseCamera: { request: CloseCameraRequest; answer: Envelope & CloseCameraAnswer; push: never };
  /** Set how pictures are processed. Kept for this connection and device, also before opening. / 设置图像算法，按连接和设备保存，打开摄像头之前也可设置。 */
  SetCameraImageInfo: { request: SetCameraImageInfoRequest; answer: Envelope & SetCameraImageInfoAnswer; push: never };
  SetCameralmagelInfo: Functions["SetCameraImageInfo"];
  /** Change the format and size of an open camera. / 更换已打开摄像头的视频格式和分辨率。 */
  SetCameraInfo: { request: SetCameraInfoRequest; answer: Envelope & SetCameraInfoAnswer; push: never };
  /** List what can be set on an open camera itself: focus, exposure, white balance and the like. / 列出已打开的摄像头自身可调的参数：对焦、曝光、白平衡等。 */
  GetCameraControls: { request: GetCameraControlsRequest; answer: Envelope & GetCameraControlsAnswer; push: never };
  /** Set one control of the camera itself. Kept for cameras of this model, and set again when one is opened. / 设置摄像头自身的一个参数，按摄像头型号保存，下次打开时恢复。 */
  SetCameraControl: { request: SetCameraControlRequest; answer: Envelope & SetCameraControlAnswer; push: never };
  /** Take a picture into a file; a multi-crop gives several files. / 拍摄图片到文件；多图裁切时返回多个文件。 */
  CameraCapture: { request: CameraCaptureRequest; answer: Envelope & CameraCaptureAnswer; push: never };
  /** Take a picture as base64; a multi-crop gives one answer for each picture. / 拍摄图片并返回 base64；多图裁切时每张图片一条应答。 */
  CameraCaptureBase64: { request: CameraCaptureBase64Request; answer: Envelope & CameraCaptureBase64Answer; push: never };
  /** Capture by itself: each new page that lies still, or at intervals. Pictures are pushed as OnAutoCapture with this reqId, and so is the reason to wait whenever it changes. Until mode 0, CloseCamera, the end of the preview or of the connection. / 自动拍摄：新的一页放稳即拍，或按间隔拍摄；图片以 OnAutoCapture 推送，reqId 与本请求相同，未拍的原因有变化时也推送。直到 mode 0、CloseCamera、停止预览或连接断开。 */
  SetCameraAutoCapture: { request: SetCameraAutoCaptureRequest; answer: Envelope & SetCameraAutoCaptureAnswer; push: Envelope & AutoCapturePush | Envelope & AutoCaptureReason };
  /** Record an open camera into a file, until StopRecord or a limit; captures become chapters. A Notify (OnRecordFinished) tells when it ends by itself. / 把已打开的摄像头录成文件，直到 StopRecord 或达到上限；其间的拍照成为章节。自行结束时推送 Notify（OnRecordFinished）。 */
  StartRecord: { request: StartRecordRequest; answer: Envelope & StartRecordAnswer; push: Envelope & RecordFinished };
  /** End the recording; its file is complete then. / 停止录像；文件随即完整。 */
  StopRecord: { request: StopRecordRequest; answer: Envelope & StopRecordAnswer; push: never };
  /** List the scanners. / 获取扫描仪名称。 */
  GetScannerName: { request: GetScannerNameRequest; answer: Envelope & GetScannerNameAnswer; push: never };
  /** Tell what a scanner offers. / 获取扫描仪基本信息。 */
  GetScannerInfo: { request: GetScannerInfoRequest; answer: Envelope & GetScannerInfoAnswer; push: never };
  /** Set how scanned pictures are processed. Kept for this connection, used for each page from now on. / 设置扫描图像的算法，按连接保存，用于此后的每一页。 */
  SetScannerImageInfo: { request: SetScannerImageInfoRequest; answer: Envelope & SetScannerImageInfoAnswer; push: never };
  /** Scan. Without imagePath, one answer for each picture (imageBase64Str); with it, pictures are written and there is one answer in all, unless withImage is true. A GetScanEndStatue always ends it. / 扫描。没有 imagePath 时每张图片一条应答（imageBase64Str）；有 imagePath 时写入文件，只有一条应答，除非 withImage 为 true。最后总有一条 GetScanEndStatue。 */
  Scan: { request: ScanRequest; answer: Envelope & ScanAnswer; push: never };
  /** The notice that a scan has ended: sent once after every Scan, also after an error or a cancel, with the Scan's reqId. It may be called too. / 扫描结束的通知：每次 Scan 之后发送一次，无论成功、出错或取消，reqId 与 Scan 相同。也可调用。 */
  GetScanEndStatue: { request: GetScanEndStatueRequest; answer: Envelope & GetScanEndStatueAnswer; push: Envelope & GetScanEndStatueAnswer };
  /** Read the fields of identity cards, bank cards, passports and other zones, licences, invoices and other papers, and check them by their check digits and against each other. / 读出图片上身份证、银行卡、护照和机读区、营业执照、发票、驾驶证、行驶证等证件的字段，并核对。 */
  RecogDocument: { request: RecogDocumentRequest; answer: Envelope & RecogDocumentAnswer; push: never };
  /** Read whatever documents come to rest below an open camera. A Notify (OnDocuments) tells their fields, and when they are moved. Until enable is false, CloseCamera or the connection's end. / 证件在已打开的摄像头下放稳即识别，字段以 Notify（OnDocuments）推送，移开时也推送；直到 enable 为 false、CloseCamera 或连接断开。 */
  SetCameraDocumentReading: { request: SetCameraDocumentReadingRequest; answer: Envelope & SetCameraDocumentReadingAnswer; push: never };
  /** Make a copy whose numbers, names, addresses and portraits are covered, with its purpose tiled over it. Of a page that cannot be read surely there is no copy. / 制作遮盖了号码、姓名、地址、肖像的副本，平铺用途文字；不能确认读全的页面不会给出副本。 */
  PrivateCopy: { request: PrivateCopyRequest; answer: Envelope & PrivateCopyAnswer; push: never };
  /** Read all barcodes in pictures. Success and an empty array when there are none. / 识别图片上的全部条码和二维码；没有条码时返回成功和空数组。 */
  RecogBarCode: { request: RecogBarCodeRequest; answer: Envelope & RecogBarCodeAnswer; push: never };
  /** Read the text (Chinese, Japanese, English) of pictures, of PDFs or below a camera: each line and its place, in reading order. Success when there is none. / 识别图片、PDF 或摄像头下的文字（中文、日文、英文），按阅读顺序给出每一行及其位置；没有文字时返回成功。 */
  RecogText: { request: RecogTextRequest; answer: Envelope & RecogTextAnswer; push: never };
  /** Tell which form that was taught a page is, of pictures, PDFs or below a camera, whichever way it lies, and read each zone with its confidence and checks. Success where it is none. gaopai form teaches them. / 认出图片、PDF 或摄像头下的一页是哪种已示教的表单（朝向不限），给出各区域的内容、可信度和校验；不是任何表单时返回成功。表单由 gaopai form 示教。 */
  RecogForm: { request: RecogFormRequest; answer: Envelope & RecogFormAnswer; push: never };
  /** Send files and form parameters as multipart/form-data, or deliver files to a target of the configuration. On failure the files stay. / 以 multipart/form-data 上传文件和表单参数，或发往配置中的目标；失败时文件保留。 */
  UploadHttpFile: { request: UploadHttpFileRequest; answer: Envelope & UploadHttpFileAnswer; push: never };
  /** Propose where a pile splits into documents, for somebody to agree to. Nothing is written. / 建议一叠页面从哪里分成不同的文档，供人确认；不写入任何文件。 */
  ProposeSplit: { request: ProposeSplitRequest; answer: Envelope & ProposeSplitAnswer; push: never };
  /** Merge pictures and documents, in order, into one file: PDF, TIFF, searchable PDF or OFD. / 把图片和文档按顺序合并为一个文件：PDF、多页 TIFF、可搜索的 PDF 或 OFD。 */
  MergeFile: { request: MergeFileRequest; answer: Envelope & MergeFileAnswer; push: Envelope & ProgressPush };
  /** List the files that pages of this site made, the newest first. / 列出本网站的页面生成的文件，最新的在前。 */
  ListFiles: { request: ListFilesRequest; answer: Envelope & ListFilesAnswer; push: never };
  /** Fetch a file that pages of this site made: an address that is good once, or base64. / 取回本网站的页面生成的文件：一次性的下载地址，或 base64。 */
  GetFile: { request: GetFileRequest; answer: Envelope & GetFileAnswer; push: never };
  /** Sign a file with the key of this machine or of the configuration: a PDF inside (PAdES), anything else beside it (CMS). / 用本机或配置的密钥为文件签名：PDF 签在其中（PAdES），其他文件另存签名（CMS）。 */
  SignFile: { request: SignFileRequest; answer: Envelope & SignFileAnswer; push: never };
  /** Verify signatures, times and PDF/A of a file, and what a recording proves; result 0: it was verified, holds is the verdict. / 验证文件的签名、时间和 PDF/A，以及录像的自证；result 为 0 表示已验证，结论在 holds 中。 */
  VerifyFile: { request: VerifyFileRequest; answer: Envelope & VerifyFileAnswer; push: never };
  /** Have a person read a document on the second screen and sign it by hand; the handwriting is sealed in the PDF's signature, with the hash of the document that was shown. / 请人在第二屏幕上阅读文件并手写签字；字迹与所见文件的哈希一起封存在 PDF 签名中。 */
  RequestSignature: { request: RequestSignatureRequest; answer: Envelope & RequestSignatureAnswer; push: Envelope & SignaturePush };
  /** Cancel the signature that this connection waits for. Success also when there is none. / 取消本连接正在等待的签字；没有可取消的也返回成功。 */
  CancelSignature: { request: CancelSignatureRequest; answer: Envelope & CancelSignatureAnswer; push: never };
  /** List the stamps there are: those of [stamps] in the configuration, and copy and verified. / 列出可盖的印章：配置 [stamps] 中的，以及 copy 和 verified。 */
  GetStamps: { request: GetStampsRequest; answer: Envelope & GetStampsAnswer; push: never };
  /** Lay stamps on one page or on all, as ink: print below them shows through. Text and drawings of a PDF stay as they are; one that is signed gets no stamp. / 在一页或每一页上盖章，如油墨，下面的字仍可见。PDF 的文字、图形和已有的内容保持原样；已签名的 PDF 不盖章。 */
  StampFile: { request: StampFileRequest; answer: Envelope & StampFileAnswer; push: never };
  /** Work on a picture again: the original of a capture or scan (handle), base64 or a file; say, to cut it by corners that were dragged, or to enhance it otherwise. A multi-crop gives one answer for each picture. / 重新处理一张图片：拍照或扫描的原图（handle）、base64 或文件；例如按拖动后的四个角裁切，或换一种图像。多图裁切时每张图片一条应答。 */
  ProcessImage: { request: ProcessImageRequest; answer: Envelope & ProcessImageAnswer; push: never };
  /** Cut out front and back of a card, set them upright and lay them on one A4 page at their true size; the same for a form of two pages. / 把证件的正反面裁出、转正，按实际大小排在一页 A4 上；表单的两页同样。 */
  ComposeCards: { request: ComposeCardsRequest; answer: Envelope & ComposeCardsAnswer; push: never };
  /** Read a resident ID card, a social security card or a bank card. Waits for a card, at most the timeout. / 读取身份证、社保卡或银行卡；没有放卡时等待，直到 timeout。 */
  ReadIDCardInfo: { request: ReadIDCardInfoRequest; answer: Envelope & ReadIDCardInfoAnswer; push: never };
  /** List the card readers. / 获取读卡器列表。 */
  GetCardReaderInfo: { request: GetCardReaderInfoRequest; answer: Envelope & GetCardReaderInfoAnswer; push: never };
  /** Take a fingerprint. With presses above 1 a Notify (OnFingerPress) follows each press: lift the finger and press again. / 采集指纹。presses 大于 1 时，每次按压后发送一条 Notify（OnFingerPress），请抬起手指再按。 */
  ReadFingerInfo: { request: ReadFingerInfoRequest; answer: Envelope & ReadFingerInfoAnswer; push: never };
  /** Wait for a finger, at most the timeout, and compare it with the one given. Without a match the finger may be pressed again until the time is over. / 在时限内等待手指并与给定的指纹对比；不匹配时可在时限内重按。 */
  FingerMatch: { request: FingerMatchRequest; answer: Envelope & FingerMatchAnswer; push: never };
  /** List the fingerprint sensors. / 获取指纹仪列表。 */
  GetFingerReaderInfo: { request: GetFingerReaderInfoRequest; answer: Envelope & GetFingerReaderInfoAnswer; push: never };
  /** List the face cameras; a colour and infrared pair is one of them. / 获取人脸设备信息，红白双目摄像头为一个设备。 */
  GetFaceCameraInfo: { request: GetFaceCameraInfoRequest; answer: Envelope & GetFaceCameraInfoAnswer; push: never };
  /** Open a face camera. / 打开人脸摄像头。 */
  OpenFaceCamera: { request: OpenFaceCameraRequest; answer: Envelope & OpenFaceCameraAnswer; push: never };
  /** Start or stop a face camera's preview. Starting has no answer of its own: the first frame is the answer. Stopping has one, and no frame follows it. / 开始或停止回传人脸视频。开始后没有单独的应答，第一帧即应答；停止后回一条应答，此后不再有帧。 */
  GetFaceCamraBuff: { request: GetFaceCamraBuffRequest; answer: Envelope & GetFaceCamraBuffAnswer; push: FrameEnvelope & FaceFrame };
  GetFaceCameraBuff: Functions["GetFaceCamraBuff"];
  /** Close a face camera. Success also when none is open. / 关闭人脸摄像头。没有打开的摄像头时也返回成功。 */
  CloseFaceCamera: { request: CloseFaceCameraRequest; answer: Envelope & CloseFaceCameraAnswer; push: never };
  /** Switch liveness detection on or off: frames carry faces, and the live face of FaceMatch must pass. Kept for each connection and device, also before opening. / 打开或关闭人脸活体检测：视频帧带有 faces，FaceMatch 的现场人脸须通过。每个连接和设备各自记住，可在打开前设置。 */
  SetFaceLivingBodyState: { request: SetFaceLivingBodyStateRequest; answer: Envelope & SetFaceLivingBodyStateAnswer; push: never };
  /** Compare faces: a file with a picture, two files, or one of them with the open face camera. / 人脸比对：一个文件和图片、两个文件，或其中一个与打开的人脸摄像头比对。 */
  FaceMatch: { request: FaceMatchRequest; answer: Envelope & FaceMatchAnswer; push: never };
  /** Notices such as a device plugged in or out. The service sends them by itself, with the reqId of the request they go back to, or an empty one; there is no need to call it. / 设备插拔等通知，由服务主动发送，无需调用；reqId 为空，或为引发通知的请求的 reqId。 */
  Notify: { request: NotifyRequest; answer: Envelope & NotifyAnswer; push: Envelope & NotifyPush | Envelope & BarCodePush | Envelope & FingerPressPush | Envelope & FaceActionPush | Envelope & CameraWantedPush | Envelope & CameraFreePush | Envelope & DocumentsPush | Envelope & ScanFinishedPush | Envelope & ScannerNoticePush | Envelope & ScanRowsPush };
  /** List the languages whose text can be recognized, by RecogText and for searchable PDFs. / 获取可识别文字的语言，用于识别文字和生成可搜索的 PDF。 */
  GetOcrSupportInfo: { request: GetOcrSupportInfoRequest; answer: Envelope & GetOcrSupportInfoAnswer; push: never };
  /** Ask whether the service is still there. / 确认服务仍在运行。 */
  Heartbeat: { request: HeartbeatRequest; answer: Envelope & HeartbeatAnswer; push: never };
  /** Tell the version, the functions, the limits and the compatibility switches. / 获取服务版本、函数、上限和兼容性开关。 */
  GetServiceInfo: { request: GetServiceInfoRequest; answer: Envelope & GetServiceInfoAnswer; push: never };
  /** Tell the page's language, title and case, for this connection alone. / 告知网页的语言、标题和案号，只对本连接有效。 */
  SetPageInfo: { request: SetPageInfoRequest; answer: Envelope & SetPageInfoAnswer; push: never };
  /** Cancel the scan, the reading of a card or finger, or the match that runs. Success also when there is none. / 取消正在进行的扫描、读卡、指纹采集或比对；没有可取消的也返回成功。 */
  CancelScan: { request: CancelScanRequest; answer: Envelope & CancelScanAnswer; push: never };
  /** Be told of each press of a camera's button or a foot switch: a message under this name with the reqId of the request, until it is stopped or the connection ends. / 接收摄像头按钮和脚踏开关的按键：每按一次推送一条同名消息，reqId 与请求相同，直到停止或断开。 */
  ExternalButton: { request: ExternalButtonRequest; answer: Envelope & ExternalButtonAnswer; push: Envelope & ButtonPushed };
}

export type FunctionName = keyof Functions;
